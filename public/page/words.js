// The state of a job, in words.

const STAGES = { image: 'Pictures', audio: 'Captions', video: 'Player' };
const LIVELY = ['queued', 'parked', 'running', 'retrying'];

/** A stage's name for people. */
export const stage = (name) => STAGES[name] ?? name;

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
  queued: ({ waiting }) => queued(waiting),
  parked: ({ waiting }) => ['Parked', parked(waiting), 'wait'],
  running: ({ stage: at }) => ['Being made', `Step ${at.number} of ${at.of}: ${stage(at.name).toLowerCase()}.`, 'busy'],
  retrying: ({ error }) => ['Trying again', `The last attempt failed${error ? `: ${error.message}` : '.'}`, 'wait'],
  succeeded: ({ waitMs }) => ['Ready', `It waited ${span(waitMs ?? 0)} before it started.`, 'done'],
  failed: ({ error }) => ['Failed', error ? `${error.message} (${error.code})` : 'It could not be made.', 'bad'],
  cancelled: () => ['Cancelled', 'It was cancelled before it was finished.', 'over'],
};

function queued(waiting) {
  if (waiting?.reason === 'capacity') return ['Waiting for room', capacity(waiting), 'wait'];
  return waiting ? ['Next up', 'It is about to start.', 'busy'] : ['Queued', 'Accepted. It is on its way.', 'busy'];
}

function parked(waiting) {
  if (waiting?.reason !== 'user_limit') return waiting?.detail ?? 'It is waiting.';
  const { active, limit } = waiting;
  if (active < limit) return 'It is waiting behind your own stories that you sent earlier.';
  return `Your plan allows ${limit === 1 ? '1 story' : `${limit} stories`} at once, and ${limit === 1 ? '1 is' : `${limit} are`} being made. This one starts when it is first in line and one of them is finished.`;
}

function capacity({ active, limit, detail }) {
  if (!(limit > 0)) return detail ?? 'It is waiting for a free slot.';
  return `${active} of ${limit} slots are in use, over all customers. It starts when it is first in line and a slot is free.`;
}

function more(now, waiting) {
  const parts = [];
  const { position, positionIsAtLeast, estimate, until } = waiting ?? {};
  if (position > 0) parts.push(position === 1 ? 'First in line' : `Place ${position.toLocaleString('en')}${positionIsAtLeast ? ' or later' : ''} in line`);
  if (estimate?.startsAt) parts.push(`may start in about ${span(Date.parse(estimate.startsAt) - now)}`);
  if (until) parts.push(`Next attempt in ${span(Date.parse(until) - now)}`);
  return parts.join(', ');
}

/** A span of time, rounded for people. */
export function span(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const say = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (seconds < 90) return say(seconds, 'second');
  if (seconds < 90 * 60) return say(Math.round(seconds / 60), 'minute');
  return say(Math.round(seconds / 3600), 'hour');
}
