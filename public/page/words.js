// The state of a job, in words.

const STAGES = { image: 'Pictures', audio: 'Captions', video: 'Player', process: 'Text', sweep: 'Sweep' };
/** Where a kind calls a stage something else. */
const OF_KIND = { episode: { audio: 'Listening page' } };
const LIVELY = ['scheduled', 'queued', 'parked', 'running', 'retrying'];

/** A stage's name for people, in a job of that kind. */
export const stage = (name, kind) => OF_KIND[kind]?.[name] ?? STAGES[name] ?? name;

/** Whether something will still happen to the job. */
export const isLive = ({ status }) => LIVELY.includes(status);

/** `label` for the pill, `sentence` says why, `more` has figures that change by themselves, and the `tone`; `now` in ms. */
export function describe(now, job) {
  const live = isLive(job);
  if (live && job.cancelRequested) return { label: 'Stopping', sentence: 'It stops at the end of the current step or within 15 seconds.', tone: 'busy' };
  const [label, sentence, tone] = (STATES[job.status] ?? unknown)(job);
  return { label, sentence, more: live ? more(now, job.waiting) : '', tone };
}

const unknown = ({ status, waiting }) => [status, waiting?.detail ?? '', 'busy'];

const STATES = {
  scheduled: () => ['Scheduled', 'It waits for the time that was set for it.', 'wait'],
  queued: ({ waiting }) => queued(waiting),
  parked: ({ kind, waiting }) => ['Parked', parked(kind, waiting), 'wait'],
  running: ({ kind, stage: at }) => ['Being made', `Step ${at.number} of ${at.of}: ${stage(at.name, kind).toLowerCase()}.`, 'busy'],
  retrying: ({ error }) => ['Trying again', `The last attempt failed${error ? `: ${error.message}` : '.'}`, 'wait'],
  succeeded: ({ waitMs }) => ['Ready', `It waited ${span(waitMs ?? 0)} before it started.`, 'done'],
  failed: ({ error }) => ['Failed', error ? `${error.message} (${error.code})` : 'It could not be made.', 'bad'],
  expired: () => ['Expired', 'It had not started by the time that was set for it, and does not count.', 'over'],
  cancelled: () => ['Cancelled', 'It was cancelled before it was finished.', 'over'],
};

function queued(waiting) {
  if (waiting?.reason === 'capacity') return ['Waiting for room', capacity(waiting), 'wait'];
  return waiting ? ['Next up', 'It is about to start.', 'busy'] : ['Queued', 'Accepted. It is on its way.', 'busy'];
}

const NAMES = { episode: ['episode', 'episodes'], story: ['story', 'stories'] };
/** So many jobs of a kind. */
const counted = (count, kind) => `${count} ${(NAMES[kind] ?? ['job', 'jobs'])[count === 1 ? 0 : 1]}`;

function parked(kind, waiting) {
  const { reason, active, limit, detail } = waiting ?? {};
  const made = limit === 1 ? '1 is' : `${limit} are`;
  if (reason === 'kind_limit') {
    return `You can have ${counted(limit, kind)} made at a time, and ${made} being made. This one starts when it is first in line and one of them is finished. What else you send goes on meanwhile.`;
  }
  if (reason !== 'user_limit') return detail ?? 'It is waiting.';
  if (active < limit) return 'It is waiting behind your own jobs that you sent earlier.';
  return `Your plan allows ${limit} at once, and ${made} being made. This one starts when it is first in line and one of them is finished.`;
}

function capacity({ active, limit, detail }) {
  if (!(limit > 0)) return detail ?? 'It is waiting for a free slot.';
  return `${active} of ${limit} slots are in use, over all customers. It starts when it is first in line and a slot is free.`;
}

function more(now, waiting) {
  const parts = [];
  const { reason, position, positionIsAtLeast, estimate, until } = waiting ?? {};
  if (position > 0) parts.push(position === 1 ? 'First in line' : `Place ${position.toLocaleString('en')}${positionIsAtLeast ? ' or later' : ''} in line`);
  if (estimate?.until) parts.push(`starts ${range(Date.parse(estimate.from) - now, Date.parse(estimate.until) - now)}`);
  if (until) parts.push(`${reason === 'scheduled' ? 'May start' : 'Next attempt'} in ${span(Date.parse(until) - now)}`);
  const [first = '', ...others] = parts;
  return [first && first[0].toUpperCase() + first.slice(1), ...others].join(', ');
}

/** From when until when, in the unit of the later: what is within one of it starts at once. */
export function range(from, until) {
  const latest = span(until);
  const [, unit] = /^[\d,]+ (second|minute|hour)/.exec(latest);
  const first = Math.floor(Math.max(0, from) / UNITS[unit]);
  if (first < 1) return `within ${latest}`;
  return latest.startsWith(`${first} `) ? `in about ${latest}` : `in ${first} to ${latest}`;
}

const UNITS = { second: 1_000, minute: 60_000, hour: 3_600_000 };

/** A span of time, rounded for people. */
export function span(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const say = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (seconds < 90) return say(seconds, 'second');
  if (seconds < 90 * 60) return say(Math.round(seconds / 60), 'minute');
  return say(Math.round(seconds / 3600), 'hour');
}
