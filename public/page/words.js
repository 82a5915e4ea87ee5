// What a job's state means, in words.

const STAGES = { image: 'Pictures', audio: 'Captions', video: 'Player' };
const LIVELY = ['queued', 'parked', 'running', 'retrying'];

/** A stage's name for people. */
export const stage = (name) => STAGES[name] ?? name;

/** Whether something will still happen to the job. */
export const isLive = ({ status }) => LIVELY.includes(status);

/** `label` for the pill, `sentence` why, `more` as figures that change by themselves, and the `tone`; `now` in ms. */
export function describe(now, job) {
  const live = isLive(job);
  if (live && job.cancelRequested) return { label: 'Stopping', sentence: 'It ends as soon as the step it is in lets go.', tone: 'busy' };
  const [label, sentence, tone] = (STATES[job.status] ?? unknown)(job);
  return { label, sentence, more: live ? more(now, job.waiting) : '', tone };
}

const unknown = ({ status, waiting }) => [status, waiting?.detail ?? '', 'busy'];

const STATES = {
  queued: ({ waiting }) => queued(waiting),
  parked: ({ waiting }) => ['Parked', parked(waiting), 'wait'],
  running: ({ stage: at }) => ['Being made', `Step ${at.number} of ${at.of}: ${stage(at.name).toLowerCase()}.`, 'busy'],
  retrying: ({ error }) => ['Trying again', `The last try failed${error ? `: ${error.message}` : '.'}`, 'wait'],
  succeeded: ({ waitMs }) => ['Ready', `Made after ${span(waitMs ?? 0)} of waiting.`, 'done'],
  failed: ({ error }) => ['Failed', error ? `${error.message} (${error.code})` : 'It could not be made.', 'bad'],
  cancelled: () => ['Cancelled', 'It was taken back before it was done.', 'over'],
};

function queued(waiting) {
  if (waiting?.reason === 'capacity') return ['Waiting for room', capacity(waiting), 'wait'];
  return waiting ? ['Next up', 'It is about to start.', 'busy'] : ['Queued', 'Accepted. It is on its way to be made.', 'busy'];
}

function parked(waiting) {
  if (waiting?.reason !== 'user_limit') return waiting?.detail ?? 'It waits.';
  const { active, limit } = waiting;
  if (active < limit) return 'It waits behind your own stories that were sent before it.';
  return `Your plan makes ${limit} at once, and ${limit === 1 ? 'that one is' : `all ${limit} are`} being made. This one starts when one of them is done.`;
}

function capacity({ active, limit, detail }) {
  if (!(limit > 0)) return detail ?? 'It waits for room.';
  return `${active} of ${limit} places are taken, over all customers. It starts when one is free and it is first in line.`;
}

function more(now, waiting) {
  const parts = [];
  const { position, positionIsAtLeast, estimate, until } = waiting ?? {};
  if (position > 0) parts.push(position === 1 ? 'First in line' : `Place ${positionIsAtLeast ? 'beyond ' : ''}${position.toLocaleString('en')} in line`);
  if (estimate?.startsAt) parts.push(`may start in about ${span(Date.parse(estimate.startsAt) - now)}`);
  if (until) parts.push(`Again in ${span(Date.parse(until) - now)}`);
  return parts.join(', ');
}

/** A span of time, rounded as people do. */
export function span(ms) {
  const seconds = Math.max(1, Math.round(ms / 1000));
  const say = (count, unit) => `${count} ${unit}${count === 1 ? '' : 's'}`;
  if (seconds < 90) return say(seconds, 'second');
  if (seconds < 90 * 60) return say(Math.round(seconds / 60), 'minute');
  return say(Math.round(seconds / 3600), 'hour');
}
