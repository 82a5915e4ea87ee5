// The users: they keep submitting, cancel some, ask again after every kill as real clients do, and note what they
// are told.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '../demo/client.mjs';

const USERS = [
  { name: 'studio', tier: 'tier4' }, { name: 'press', tier: 'tier3' }, { name: 'mara', tier: 'tier2' },
  { name: 'theo', tier: 'tier1' }, { name: 'ines', tier: 'tier1' },
];
// Open jobs of one user above the limit, so that some are always parked.
const ABOVE_LIMIT = 4;
const SAMPLE_EVERY_MS = 500;
const RETRY_MS = 200;
// What has failed is replayed (./replays.mjs), so it is not over.
export const ENDED = ['succeeded', 'cancelled'];

/** The users of one run. */
export function buildUsers(tiers, random) {
  return USERS.map(({ name, tier }) => ({
    userId: name,
    tier,
    limit: tiers.find((each) => each.tier === tier).maxConcurrentJobs,
    random: random.fork(),
    submissions: [],
    listing: [],
    maxSeen: 0,
    overSamples: 0,
  }));
}

/**
 * Lets the users act until `stop` is aborted; `over` then resolves as soon as nothing they began is unanswered, and
 * `burst` has each of them submit once more at once. `door.open()` resolves with a client of the Worker as soon as one
 * is up.
 */
export function act(users, door, { stop, signal }, counts) {
  const tasks = new Set();
  let failure = null;
  const begin = (task) => {
    const running = task.catch((error) => { failure ??= error; }).finally(() => tasks.delete(running));
    tasks.add(running);
  };
  const submitOne = (user) => begin(story(user, door, signal, begin, counts));
  const submitAll = async (user) => {
    while (!stop.aborted) {
      if (user.submissions.filter(isOpen).length < user.limit + ABOVE_LIMIT) submitOne(user);
      await sleep(user.random.between(30, 200), undefined, { signal });
    }
  };
  const over = (async () => {
    await Promise.all(users.map(submitAll));
    while (tasks.size > 0) await Promise.all(tasks);
    if (failure) throw failure;
  })();
  return { over, burst: () => users.forEach(submitOne) };
}

/** Submits a story, perhaps twice at once; later perhaps once more, cancels it, or has its ticket delivered again. */
async function story(user, door, signal, begin, counts) {
  const { random } = user;
  const submission = newSubmission(user);
  user.submissions.push(submission);
  const twins = random.chance(0.1) ? 2 : 1;
  const [again, cancels, doubles] = [random.chance(0.15), random.chance(0.1), random.chance(0.2)];
  const later = () => sleep(random.between(0, 4000), undefined, { signal });
  await Promise.all(Array.from({ length: twins }, () => submit(submission, door, signal, counts)));
  if (again) begin(later().then(() => submit(submission, door, signal, counts)));
  if (cancels) begin(later().then(() => cancel(submission, door, signal)));
  if (doubles) begin(later().then(() => duplicate(submission, door, counts)));
}

function newSubmission({ userId, tier, random, submissions }) {
  const number = submissions.length + 1;
  // Mostly short; some take longer than a delivery's budget and are renewed.
  const replaysItself = random.chance(0.4);
  const scenes = random.chance(0.05) ? random.between(15, 25) : random.between(1, 6);
  return {
    key: `${userId}-${number}`,
    body: {
      userId,
      userTier: tier,
      seriesId: 'chaos',
      script: {
        title: `Story ${number}`,
        scenes: Array.from({ length: scenes }, (_, index) => ({ narration: `Scene ${index + 1}: the lamp is lit.` })),
      },
      videoConfig: { width: 640, height: 360 },
    },
    jobIds: new Set(),
    accepted: null,
    refusal: null,
    ended: null,
    endedAt: null,
    relapse: null,
    cancelAsked: false,
    cancelAnswer: null,
    replaysItself,
  };
}

export const isOpen = ({ ended, refusal }) => ended === null && refusal === null;

/** Asks until there is an answer, the same way each time; what is refused for good is noted. */
async function insist(submission, door, signal, ask) {
  for (;;) {
    const client = await door.open();
    try {
      return await ask(client);
    } catch (error) {
      signal.throwIfAborted();
      if (!isTransient(error)) {
        submission.refusal = error.message;
        return null;
      }
    }
    await sleep(RETRY_MS, undefined, { signal });
  }
}

async function submit(submission, door, signal, counts) {
  let tries = 0;
  let lastTryAt = 0;
  const answer = await insist(submission, door, signal, (client) => {
    tries += 1;
    lastTryAt = Date.now();
    return client.submit(submission.body, submission.key);
  });
  if (tries > 1) counts.repeated += 1;
  if (!answer) return;
  // Accepted by a try whose answer the kill took.
  if (tries > 1 && Date.parse(answer.submittedAt) < lastTryAt) counts.recovered += 1;
  if (submission.accepted) counts.replayed += 1;
  submission.jobIds.add(answer.jobId);
  submission.accepted ??= answer;
}

async function cancel(submission, door, signal) {
  if (!submission.accepted) return;
  submission.cancelAsked = true;
  const { userId, jobId } = submission.accepted;
  const job = await insist(submission, door, signal, (client) => client.cancel(userId, jobId));
  if (!job) return;
  submission.cancelAnswer = job.status;
  note(submission, job.status, Date.now());
}

/** Puts the first ticket of the job on both queues once more, whatever became of the job since. */
async function duplicate({ accepted }, door, counts) {
  if (!accepted) return;
  const { jobId, userId, tier, priority, submittedAt } = accepted;
  const ticket = { v: 1, jobId, userId, kind: 'story', stage: 'image', tier, priority, submittedAt: Date.parse(submittedAt) };
  try {
    await (await door.open()).duplicate([JSON.stringify(ticket)]);
    counts.duplicates += 1;
  } catch {
    // Nobody promised it would arrive.
  }
}

/** Once a client was told that a job is over, no later question may have another answer, whatever was killed between. */
export function note(submission, status, askedAt) {
  if (submission.ended === null && ENDED.includes(status)) Object.assign(submission, { ended: status, endedAt: Date.now() });
  if (submission.ended !== null && submission.ended !== status && askedAt > submission.endedAt) {
    submission.relapse ??= { from: submission.ended, to: status };
  }
}

/** Keeps noting the states of all jobs until `done()`; some users replay at once what has failed. */
export async function watch(users, door, signal, done, counts) {
  await Promise.all(users.map(async (user) => {
    while (!done()) {
      try {
        await look(user, await door.open(), counts);
      } catch (error) {
        signal.throwIfAborted();
        if (!isTransient(error)) throw error;
      }
      await sleep(SAMPLE_EVERY_MS, undefined, { signal });
    }
  }));
}

async function look(user, client, counts) {
  const askedAt = Date.now();
  const { active } = await client.user(user.userId);
  user.maxSeen = Math.max(user.maxSeen, active);
  if (active > user.limit) user.overSamples += 1;
  const byId = new Map(user.submissions.flatMap((each) => [...each.jobIds].map((jobId) => [jobId, each])));
  if (byId.size === 0) return;
  // More than are ever open, so some that have ended are looked at again.
  const jobs = await client.newest(user.userId, user.limit + 2 * ABOVE_LIMIT);
  const listed = new Set(jobs.map(({ jobId }) => jobId));
  const older = [...byId].filter(([jobId, submission]) => isOpen(submission) && !listed.has(jobId));
  for (const [jobId] of older) jobs.push(await client.job(user.userId, jobId));
  for (const { jobId, status } of jobs) {
    const submission = byId.get(jobId);
    if (!submission) continue;
    note(submission, status, askedAt);
    if (status === 'failed' && submission.replaysItself) await replay(user, jobId, client, counts);
  }
}

async function replay({ userId }, jobId, client, counts) {
  try {
    await client.replay(userId, jobId);
    counts.replayedByUsers += 1;
  } catch (error) {
    // A replay of many was quicker.
    if (error.status !== 409) throw error;
  }
}
