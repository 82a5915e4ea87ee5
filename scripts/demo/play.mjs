// Plays the clients: submits every story, and watches each user until all accepted jobs have ended.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from './client.mjs';

const CONNECTIONS_PER_USER = 6;
const MAX_TRIES = 8;
const FIRST_RETRY_MS = 250;
const SAMPLE_EVERY_MS = 120;
const SAMPLES_PER_LISTING = 3;
const ENDED = ['succeeded', 'failed', 'cancelled'];

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
  for (let turn = 1; Date.now() < deadline; turn += 1) {
    const accepted = user.submissions.filter(({ jobId }) => jobId);
    if (submitting.over && accepted.every(hasEnded)) return;
    try {
      // The gate knows a user from the first accepted job on.
      if (accepted.length > 0) await sample(client, user);
      if (accepted.length > 0 && turn % SAMPLES_PER_LISTING === 0) await list(client, user);
      user.pollFault = null;
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) throw error;
      user.pollFault = error.message;
    }
    await sleep(SAMPLE_EVERY_MS, undefined, { signal });
  }
}

async function sample(client, user) {
  const { active, parked } = await client.user(user.userId);
  const { seen } = user;
  seen.active = active;
  seen.parked = parked;
  seen.samples += 1;
  seen.maxActive = Math.max(seen.maxActive, active);
  if (active > user.limit) seen.overLimit += 1;
}

async function list(client, user) {
  const jobs = new Map((await client.jobs(user.userId)).map((job) => [job.jobId, job]));
  for (const submission of user.submissions) {
    submission.job = jobs.get(submission.jobId) ?? submission.job;
  }
}

export function hasEnded({ job }) {
  return job !== null && ENDED.includes(job.status);
}
