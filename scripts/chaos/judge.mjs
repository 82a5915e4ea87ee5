// Jepsen's total-queue check, and the limits. Pure: what was answered and logged goes in; numbers and sentences
// come out.

import { overlap } from '../demo/judge.mjs';
import { ENDED } from './clients.mjs';

const SHOWN = 5;
// Fewer may by chance prove nothing.
const TELLING_ROUNDS = 5;

/**
 * `users` as ./clients.mjs keeps them, with `listing`, the jobs that exist; `ledger` as ./ledger.mjs does; `counts` as
 * ../chaos.mjs does.
 */
export function judge({ users, ledger, incomplete, counts, rounds }) {
  const submissions = users.flatMap((user) => user.submissions);
  const accepted = submissions.filter(({ jobIds }) => jobIds.size > 0);
  const jobs = new Map(users.flatMap(({ listing }) => listing.map((job) => [job.jobId, job])));
  const lost = accepted.flatMap((submission) => fateOf(submission, jobs, ledger, incomplete));
  const unexpected = unexpectedOf(users, submissions, ledger);
  const over = users.flatMap((user) => overLimitOf(user, jobs, ledger));
  const parked = total([...jobs.values()], ({ timesParked }) => timesParked);
  return {
    accepted: accepted.length,
    finished: accepted.filter((each) => ENDED.includes(jobs.get(first(each))?.status)).length,
    lost: lost.length,
    unexpected: unexpected.length,
    duplicated: ledger.executions.length - new Set(ledger.executions.map(({ jobId, stage }) => `${jobId} ${stage}`)).size,
    overLimit: total(over, ({ times }) => times),
    parked,
    busiest: users.map((user) => ({
      userId: user.userId,
      tier: user.tier,
      limit: user.limit,
      submitted: user.submissions.length,
      maxActive: overlap(executionsOf(user, jobs, ledger), user.limit).maxActive,
    })),
    problems: [
      ...sentence(lost, (count) => `${count} of ${accepted.length} accepted jobs are lost`),
      ...sentence(unexpected, (count) => `${count} unexpected things exist or ran`),
      ...over.map(({ text }) => text),
      ...answerProblems(submissions),
      ...vacuous({ rounds, accepted, counts, parked, ledger }),
    ],
  };
}

const first = ({ jobIds }) => [...jobIds][0];

/** Why an accepted job counts as lost, if it does. */
function fateOf(submission, jobs, ledger, incomplete) {
  const jobId = first(submission);
  const job = jobs.get(jobId);
  const logged = [...(ledger.endings.get(jobId) ?? [])];
  const because = (text) => [`${jobId} (${submission.body.userTier}) ${text}`];
  if (!job) return because('is not listed any more');
  if (job.status === 'failed') return because(`is still failed (${job.error?.code}), and no replay took it`);
  if (!ENDED.includes(job.status)) return because(`is still ${job.status}`);
  if (submission.relapse) return because(`was ${submission.relapse.from} and then ${submission.relapse.to}`);
  if (logged.some((how) => how !== job.status)) return because(`is ${job.status} and was logged as ${logged.join(' and ')}`);
  if (job.status === 'cancelled' && !submission.cancelAsked) return because('is cancelled, but no client asked for it');
  if (submission.cancelAnswer === 'cancelled' && job.status !== 'cancelled') {
    return because(`is ${job.status} after its cancellation was confirmed`);
  }
  if (incomplete.has(jobId)) return because(`succeeded, but ${incomplete.get(jobId)}`);
  return [];
}

function unexpectedOf(users, submissions, ledger) {
  const keysOf = new Map();
  for (const { key, jobIds } of submissions) {
    for (const jobId of jobIds) keysOf.set(jobId, [...(keysOf.get(jobId) ?? []), key]);
  }
  const exist = users.flatMap(({ listing }) => listing.map(({ jobId }) => jobId));
  const ran = new Set(ledger.executions.map(({ jobId }) => jobId));
  return [
    ...exist.filter((jobId) => !keysOf.has(jobId)).map((jobId) => `job ${jobId} exists, but no client was told about it`),
    ...[...ran].filter((jobId) => !keysOf.has(jobId)).map((jobId) => `job ${jobId} ran, but no client was told about it`),
    ...exist.filter((jobId, index) => exist.indexOf(jobId) !== index).map((jobId) => `job ${jobId} is listed twice`),
    ...submissions.filter(({ jobIds }) => jobIds.size > 1)
      .map(({ key, jobIds }) => `the key ${key} stands for ${[...jobIds].join(' and ')}`),
    ...[...keysOf].filter(([, keys]) => keys.length > 1)
      .map(([jobId, keys]) => `job ${jobId} stands for the keys ${keys.join(' and ')}`),
    ...ledger.startedAfterEnd.map(({ jobId, stage }) => `${stage} of job ${jobId} ran after the job had ended`),
  ];
}

/**
 * The user's executions. What the gate recorded as done was done by then, however late the line was read, and even if
 * the answer to the report got lost and its repetition was refused.
 */
function executionsOf(user, jobs, ledger) {
  const own = new Set(user.submissions.flatMap(({ jobIds }) => [...jobIds]));
  return ledger.executions.filter(({ jobId }) => own.has(jobId)).map((execution) => {
    const job = jobs.get(execution.jobId);
    const stage = job?.stages.find(({ name }) => name === execution.stage);
    const recorded = Date.parse(execution.how === 'cancelled' ? job?.finishedAt : stage?.finishedAt);
    const end = execution.end ?? Infinity;
    return { ...execution, end: recorded >= execution.start ? Math.min(end, recorded) : end };
  });
}

/** When the gate says that jobs surely held a lease: stages of one attempt, and the last lease of what succeeded. */
function leasesOf(listing) {
  return listing.flatMap(({ status, grantedAt, finishedAt, stages }) => {
    const whole = status === 'succeeded' ? [{ startedAt: grantedAt, finishedAt }] : [];
    const spans = [...whole, ...stages.filter(({ attempts, status }) => attempts === 1 && status === 'done')]
      .map((span) => ({ start: Date.parse(span.startedAt), end: Date.parse(span.finishedAt) }));
    return union(spans);
  });
}

/** The same time in as few spans as possible. */
export function union(spans) {
  const merged = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start)) {
    const last = merged.at(-1);
    if (last && span.start <= last.end) last.end = Math.max(last.end, span.end);
    else merged.push({ ...span });
  }
  return merged;
}

function overLimitOf(user, jobs, ledger) {
  const who = `${user.userId} (${user.tier}, limit ${user.limit})`;
  const executions = executionsOf(user, jobs, ledger);
  const ran = overlap(executions, user.limit);
  const held = overlap(leasesOf(user.listing), user.limit);
  const twice = [...Map.groupBy(executions, ({ jobId }) => jobId)]
    .map(([jobId, own]) => ({ jobId, times: overlap(own, 1).overLimit }))
    .filter(({ times }) => times > 0);
  const twins = twice.slice(0, SHOWN).map(({ jobId }) => jobId).join(', ');
  return [
    { times: ran.overLimit, text: `${who} had ${ran.maxActive} stages executing at once, by the generator's lines.` },
    { times: held.overLimit, text: `${who} held ${held.maxActive} leases at once, by the times of its jobs.` },
    { times: user.overSamples, text: `${who} was seen with ${user.maxSeen} active jobs.` },
    { times: total(twice, ({ times }) => times), text: `${who}: executed twice at once, each time with a live lease: ${twins}.` },
  ].filter(({ times }) => times > 0);
}

function answerProblems(submissions) {
  const refused = submissions.filter(({ refusal }) => refusal);
  const open = submissions.filter(({ refusal, jobIds }) => !refusal && jobIds.size === 0);
  return [
    ...sentence(refused.map(({ refusal }) => refusal), (count) => `${count} submissions or cancellations were refused`),
    ...sentence(open.map(({ key }) => key), (count) => `${count} submissions were never answered`),
  ];
}

/** A run proves nothing in which nothing happened that could have done harm. */
function vacuous({ rounds, accepted, counts, parked, ledger }) {
  const { struckKills, evictions, aborts, freezes, replayedByUsers, replayedByService } = counts;
  const { expired, doubled, late, out } = ledger.counts;
  const missing = [
    accepted.length === 0 && 'no job was accepted',
    struckKills === 0 && 'no kill hit a running stage',
    parked === 0 && 'no job was parked',
    expired === 0 && 'no lease expired',
    evictions === 0 && 'no gate was evicted',
    aborts === 0 && 'no objects were aborted',
    doubled === 0 && 'no batch was delivered twice',
    freezes === 0 && 'no workerd was frozen',
    late === 0 && 'no holder reported late',
    out === 0 && 'no job met an outage',
    replayedByUsers === 0 && 'no user replayed a job',
    replayedByService === 0 && 'no replay of many found a job',
  ].filter(Boolean);
  const tells = rounds >= TELLING_ROUNDS || accepted.length === 0;
  return tells && missing.length > 0 ? [`The run proves nothing: ${missing.join(', ')}.`] : [];
}

function sentence(items, what) {
  if (items.length === 0) return [];
  const more = items.length > SHOWN ? `; and ${items.length - SHOWN} more` : '';
  return [`${what(items.length)}: ${items.slice(0, SHOWN).join('; ')}${more}.`];
}

const total = (items, of) => items.reduce((sum, item) => sum + of(item), 0);
