// Plays the clients: submits every story, and watches each user until all accepted jobs have ended.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from './client.mjs';

const CONNECTIONS_PER_USER = 6;
const MAX_TRIES = 8;
const FIRST_RETRY_MS = 250;
// On few cores, asking more often takes them from the work.
const LOOK_EVERY_MS = 700;
const HOLDS_LEASE = ['queued', 'running'];
const ENDED = ['succeeded', 'failed', 'cancelled', 'expired'];

/** Fills in what became of each submission. Returns at `deadline` (ms) at the latest, give or take one request. */
export async function play(client, cast, { deadline, signal }) {
  await Promise.all(cast.map(async (user) => {
    const submitting = { over: false };
    await Promise.all([
      submitAll(client, user, { deadline, signal }).finally(() => { submitting.over = true; }),
      watch(client, user, { deadline, signal, submitting }),
    ]);
  }));
}

async function submitAll(client, user, options) {
  const rest = [...user.submissions];
  const connection = async () => {
    while (rest.length > 0) await submit(client, rest.shift(), options);
  };
  await Promise.all(Array.from({ length: CONNECTIONS_PER_USER }, connection));
}

// The same key on every try: a try whose answer got lost may have been accepted.
async function submit(client, submission, { deadline, signal }) {
  for (let tries = 1; ; tries += 1) {
    try {
      const answer = await client.submit(submission.body, submission.key);
      submission.jobId = answer.jobId;
      submission.acceptedTier = answer.tier;
      return;
    } catch (error) {
      signal.throwIfAborted();
      const pause = FIRST_RETRY_MS * 2 ** (tries - 1);
      if (!isTransient(error) || tries === MAX_TRIES || Date.now() + pause > deadline) {
        submission.refusal = error.message;
        return;
      }
      await sleep(pause, undefined, { signal });
    }
  }
}

async function watch(client, user, { deadline, signal, submitting }) {
  while (Date.now() < deadline) {
    const accepted = user.submissions.filter(({ jobId }) => jobId);
    if (submitting.over && accepted.every(hasEnded)) return;
    try {
      // The gate knows a user from the first accepted job on.
      if (accepted.length > 0) await look(client, user);
      user.pollFault = null;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      user.pollFault = error.message;
    }
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}

async function look(client, user) {
  const jobs = await client.jobs(user.userId);
  const count = (states) => jobs.filter(({ status }) => states.includes(status)).length;
  const { seen } = user;
  seen.active = count(HOLDS_LEASE);
  seen.parked = count(['parked']);
  seen.maxActive = Math.max(seen.maxActive, seen.active);
  if (seen.active > user.limit) seen.overLimit += 1;
  const byId = new Map(jobs.map((job) => [job.jobId, job]));
  for (const submission of user.submissions) {
    submission.job = byId.get(submission.jobId) ?? submission.job;
  }
}

export function hasEnded({ job }) {
  return job !== null && ENDED.includes(job.status);
}
