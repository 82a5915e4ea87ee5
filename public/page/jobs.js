// The stories that were sent; each is followed until it ends: asked for when the user's events say that it has changed, and
// now and then, or all the time where there are no events.

import { Problem, bytes, json } from './api.js';
import { announce, find, make, say } from './dom.js';
import { listen } from './feed.js';
import * as session from './session.js';
import * as theatre from './theatre.js';
import { describe, isLive, span, stage } from './words.js';

/** The time between two requests for one job, in milliseconds; each further job that is followed adds to it. */
const POLL_MS = 700;
const POLL_MORE_MS = 200;
/** The same while events say when to ask: the place in line moves without one. */
const LISTEN_MS = 15_000;
/** The longest pause while the service does not answer. */
const PAUSE_MAX_MS = 30_000;

const followed = new Map();
/** The events of each visitor with stories under way. */
const feeds = new Map();

/** The events of the job's user, as the visitor who sent the job sees them. */
function feedOf({ path, headers }) {
  const key = JSON.stringify([path.split('/jobs/')[0], headers]);
  if (!feeds.has(key)) feeds.set(key, listen(`${path.split('/jobs/')[0]}/events`, headers, told));
  return feeds.get(key);
}

/** A job has changed. One that the service did not answer about is not asked for sooner. */
function told(jobId) {
  const entry = followed.get(jobId);
  if (!entry) return;
  entry.isStale = true;
  if (entry.isListening) entry.wake();
}

/** Nobody needs the events of a visitor whose stories have all ended. */
function leave(feed) {
  if ([...followed.values()].some((entry) => entry.feed === feed && isLive(entry.job))) return;
  for (const [key, other] of feeds) if (other === feed) feeds.delete(key);
  feed.stop();
}

/** Waits, unless the job ends meanwhile. */
const pause = (entry, ms) => new Promise((resolve) => {
  entry.wake = resolve;
  setTimeout(resolve, ms);
});

/** Follows an accepted job, with a `card`: its title, and the ratio of its picture. `changed` is called on every change, with all jobs that are followed. */
export function follow(accepted, card, changed) {
  const { jobId, links } = accepted;
  // The same key sent again is the same job, which is already followed.
  if (followed.has(jobId)) return;
  // The answer to a submission has neither a reason nor a stage; the first poll has them.
  const entry = { job: { ...accepted, status: 'queued' }, card, path: links.self, headers: session.headers(), said: '', ...element(card.title) };
  followed.set(jobId, entry);
  entry.feed = feedOf(entry);
  find('no-stories').hidden = true;
  find('stories').prepend(entry.root);
  entry.root.scrollIntoView({ block: 'nearest' });
  entry.cancel = make('button', { class: 'button quiet small', type: 'button', onclick: () => cancel(entry) }, 'Cancel');
  entry.actions.append(entry.cancel);
  show(entry);
  run(entry, () => changed([...followed.values()].map(({ job }) => job)));
}

function element(title) {
  const [state, sentence, more, fault] = [['span', 'state'], ['p', 'sentence'], ['p', 'more small'], ['p', 'fault']]
    .map(([tag, name]) => make(tag, { class: name }));
  const heading = make('h4', { tabIndex: -1 }, title);
  const steps = make('ol', { class: 'steps', 'aria-label': 'Steps' });
  const actions = make('div', { class: 'actions' });
  const root = make('article', { class: 'job' }, make('header', {}, heading, state), sentence, more, steps, fault, actions);
  return { root, heading, state, sentence, more, steps, fault, actions, title };
}

function show(entry) {
  const { job } = entry;
  const { label, sentence, more, tone } = describe(Date.now(), job);
  entry.root.dataset.tone = tone;
  entry.root.dataset.status = job.status;
  say(entry.state, label);
  say(entry.sentence, sentence);
  say(entry.more, more ?? '');
  const steps = (job.stages ?? []).map(({ name, status }) =>
    make('li', { 'data-status': status }, stage(name, job.kind), make('span', { class: 'unseen' }, `: ${status}`)));
  entry.steps.replaceChildren(...steps);
  entry.steps.hidden = steps.length === 0;
  // A screen reader announces what changed for people, not every figure.
  const words = `${entry.title}: ${label}. ${sentence}`;
  if (entry.said !== words) announce(entry.said = words);
}

/** Waits until the job has changed, or for so long that it is asked for anyhow. */
async function change(entry) {
  if (!entry.feed.isLive()) return pause(entry, POLL_MS + POLL_MORE_MS * others(entry));
  if (entry.isStale) return undefined;
  entry.isListening = true;
  await pause(entry, LISTEN_MS);
  entry.isListening = false;
  return undefined;
}

/** The number of other followed jobs that have not ended. */
const others = (entry) => [...followed.values()].filter((other) => other !== entry && isLive(other.job)).length;

/** Asks until the job has ended; transient errors are retried with growing pauses. */
async function run(entry, changed) {
  let failures = 0;
  changed();
  while (isLive(entry.job)) {
    try {
      const before = entry.job.status;
      entry.isStale = false;
      entry.job = await json(entry.path, { headers: entry.headers });
      if (entry.job.status !== before) session.refresh();
      failures = 0;
      say(entry.fault, '');
    } catch (problem) {
      if (!(problem instanceof Problem) || !problem.passes) {
        lose(entry, problem);
        return changed();
      }
      const wait = Math.min(Math.max(1000 * 2 ** failures++, 1000 * (problem.retryAfter ?? 0)), PAUSE_MAX_MS);
      say(entry.fault, `${problem.message} Trying again in ${span(wait)}.`);
      await pause(entry, wait);
      continue;
    }
    show(entry);
    changed();
    if (isLive(entry.job)) await change(entry);
  }
  leave(entry.feed);
  end(entry);
  changed();
}

/** The service no longer answers about the job. */
function lose(entry, problem) {
  followed.delete(entry.job.jobId);
  leave(entry.feed);
  entry.cancel.remove();
  entry.root.dataset.tone = 'bad';
  say(entry.state, 'No longer available');
  say(entry.fault, problem.message);
  announce(`${entry.title}: ${problem.message}`);
}

async function cancel(entry) {
  say(entry.fault, '');
  try {
    entry.job = await json(entry.path, { method: 'DELETE', headers: entry.headers });
    show(entry);
    if (!isLive(entry.job)) entry.wake();
    session.refresh();
  } catch (problem) {
    say(entry.fault, `It was not cancelled. ${problem.message}`);
  }
}

function end(entry) {
  const had = document.activeElement === entry.cancel;
  entry.cancel.remove();
  if (entry.job.status === 'succeeded') offerFiles(entry);
  // The button that had the focus is gone.
  if (had) entry.heading.focus();
}

function offerFiles(entry) {
  const artifacts = entry.job.artifacts ?? [];
  const page = artifacts.find(({ name }) => ['player.html', 'page.html'].includes(name));
  if (!page) return entry.actions.append(...artifacts.map((artifact) => keep(entry, artifact, `Save ${artifact.name}`)));
  const isHeard = page.name === 'page.html';
  const watch = () => attempt(entry, async () => {
    const html = await (await bytes(page.href, { headers: entry.headers })).text();
    theatre.open(html, entry.title, entry.card.ratio);
  });
  const button = make('button', { class: 'button small', type: 'button', onclick: watch }, isHeard ? 'Listen' : 'Watch');
  entry.actions.append(button, keep(entry, page, isHeard ? 'Save the page' : 'Save the player'));
  // The first story opens by itself; a later one must not replace it while it is watched.
  return theatre.isOpen() ? undefined : watch();
}

const keep = (entry, { name, href }, label) => make('button', {
  class: 'button quiet small', type: 'button',
  onclick: () => attempt(entry, async () => theatre.save(await bytes(href, { headers: entry.headers }), name.replaceAll('/', '-'))),
}, label);

async function attempt(entry, action) {
  say(entry.fault, '');
  try {
    await action();
  } catch (problem) {
    say(entry.fault, problem.message);
  }
}
