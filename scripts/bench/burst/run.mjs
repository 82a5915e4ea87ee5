// One burst against one Worker under so many consumers.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startParallel } from '../../queue/parallel.mjs';
import { ONE_STAGE, submission } from '../load.mjs';
import { costs } from '../measure.mjs';
import { cpuMsOfChildren } from '../worker.mjs';
import { ideal } from './ideal.mjs';
import { judge } from './judge.mjs';
import { jobsOf } from './scenarios.mjs';

/** Submissions under way at once. */
const CLIENTS = 20;
const DEADLINE_MS = 240_000;
const POLL_MS = 500;
/** What follows an end: reports, releases, acknowledgements. */
const AFTERMATH_MS = 1_000;

/**
 * The obvious design knows no capacity: nothing but its users' limits and its batch sizes bounds what it runs at once. Its
 * retry of 30 s is 3 s here, since stages are some ten times shorter than those that it is for.
 */
export const WORKERS = {
  ours: {
    config: 'wrangler.toml', queue: 'stories', endsOf: endsByJobs,
    vars: ({ waitMs, slots }) => ({
      AUTH: 'open', LOG_FORMAT: 'json', LOG_COSTS: 'on', GENERATOR: 'wait', KINDS: ONE_STAGE, WAIT_MS: `${waitMs}`, POOL_CAPACITY: `${slots}`,
    }),
  },
  obvious: {
    config: 'bench/baseline/wrangler.toml', queue: 'jobs', endsOf: endsByLines,
    vars: ({ waitMs }) => ({ RETRY_SECONDS: '3', LOG_COSTS: 'on', WAIT_MS: `${waitMs}` }),
  },
};

/** What came of it, and the ideal for the same submissions; `vars` go over those of the Worker. */
export async function run({ root, name, scenario, consumers, vars = {} }) {
  const { config, queue, endsOf, vars: own } = WORKERS[name];
  const worker = await startParallel({
    config: join(root, config), queue, vars: { ...own(scenario), ...vars }, broker: { consumers },
  });
  try {
    const cpuBefore = cpuMsOfChildren();
    const submitted = await submitAll(worker, scenario);
    await untilEnded(worker, submitted.length);
    await sleep(AFTERMATH_MS);
    const cpuMs = cpuMsOfChildren() - cpuBefore;
    const [events, broker] = [worker.events(), { ...worker.broker.counts }];
    const ends = await endsOf(worker, submitted, events);
    const done = submitted.filter(({ jobId }) => ends.has(jobId)).map((job) => ({ ...job, end: ends.get(job.jobId) }));
    const many = (event) => events.filter((each) => each.event === event).length;
    return {
      worker: name, scenario: scenario.name, consumers, jobs: submitted.length, lost: submitted.length - done.length,
      ...judge(done, scenario),
      deliveriesOfQueue: broker.deliveries, messagesPerJob: Math.round((100 * broker.messages) / submitted.length) / 100,
      failedDeliveries: broker.failed, resent: many('ticketResent'), givenTwice: many('startMissed') + many('requeued'),
      ...costs({ events, jobs: submitted.length, cpuMs, deliveredAgain: broker.again }),
      ideal: judge(ideal(submitted, scenario), scenario),
    };
  } finally {
    await worker.close();
  }
}

/** Submits the burst, and then the job that comes late; resolves with all of them. Each is `told` once it is accepted. */
export async function submitAll(worker, scenario, told = () => {}) {
  const all = jobsOf(scenario);
  const submitted = [];
  let next = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    while (next < all.length) {
      const job = await submitOne(worker, all[next++]);
      submitted.push(job);
      told(job);
    }
  }));
  if (scenario.late) {
    await sleep(scenario.late.afterMs);
    submitted.push(await submitOne(worker, { userId: 'late', tier: scenario.late.tier, isLate: true }));
  }
  return submitted;
}

async function submitOne(worker, job) {
  const sentAt = Date.now();
  const response = await worker.fetch('/create-story', submission(job.userId, job.tier));
  const answer = await response.json();
  if (response.status !== 202) throw new Error(`a submission was answered ${response.status}: ${JSON.stringify(answer)}`);
  // Where the Worker does not say when it accepted a job, it is when the job was sent.
  return { ...job, jobId: answer.jobId, submittedAt: answer.submittedAt ? Date.parse(answer.submittedAt) : sentAt };
}

/** Until so many jobs have succeeded by the log. */
export async function untilEnded(worker, jobs) {
  const ended = () => worker.lines().filter((line) => line.includes('"event":"succeeded"')).length;
  for (const deadline = Date.now() + DEADLINE_MS; ended() < jobs && Date.now() < deadline;) await sleep(POLL_MS);
}

/** When each job ended, as the Worker lists them. */
async function endsByJobs(worker, submitted) {
  const ends = new Map();
  for (const userId of new Set(submitted.map(({ userId }) => userId))) {
    const { jobs } = await (await worker.fetch(`/users/${userId}/jobs?limit=100`)).json();
    for (const { jobId, status, finishedAt } of jobs) if (status === 'succeeded') ends.set(jobId, Date.parse(finishedAt));
  }
  return ends;
}

/** The same from the log of a Worker that lists none: it says so when the stage has ended. */
async function endsByLines(worker, submitted, events) {
  return new Map(events.filter(({ event }) => event === 'succeeded').map(({ jobId, at }) => [jobId, at]));
}
