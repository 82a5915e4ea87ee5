// The promises on the real Worker while its queue delivers to consumers side by side, as Cloudflare does, and while that
// queue goes wrong as often as it may. Who ran when is judged by the ends of the stages and their known length.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { judge } from "../../scripts/bench/burst/judge.mjs";
import { createRandom } from "../../scripts/chaos/random.mjs";
import { overlap } from "../../scripts/demo/judge.mjs";
import { ONE_STAGE } from "./defaults";
import { eventually, startSideBySide, story, type Accepted, type Json } from "./worker";

type SideBySide = Awaited<ReturnType<typeof startSideBySide>>;

const CONSUMERS = 4;
const JSON_LOG = { GENERATOR: "wait", LOG_FORMAT: "json" };
const LIMITS: Record<string, number> = { tier1: 2, tier2: 5, tier3: 10, tier4: 20 };
const countOf = (events: Json[], event: string, { jobId }: Accepted, stage?: string) =>
  events.filter((each) => each.event === event && each.jobId === jobId && (!stage || each.stage === stage)).length;

/** Submits one after another of them, some side by side. */
async function submitAll<T>(all: T[], submit: (each: T) => Promise<Accepted>): Promise<Accepted[]> {
  const accepted: Accepted[] = [];
  const left = [...all];
  await Promise.all(Array.from({ length: 10 }, async () => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) accepted.push(await submit(next));
  }));
  return accepted;
}

/** Waits until as many jobs have succeeded by the log, and lists those of the users. */
async function untilAllEnded(worker: SideBySide, accepted: Accepted[], within = 40_000): Promise<Json[]> {
  await eventually(() => {
    const ended = new Set(worker.events().filter(({ event }) => event === "succeeded").map(({ jobId }) => jobId));
    expect(accepted.filter(({ jobId }) => !ended.has(jobId))).toEqual([]);
  }, within);
  const users = [...new Set(accepted.map(({ userId }) => userId))];
  return (await Promise.all(users.map(async (userId) => (await worker.jobs(userId, "?limit=100")).jobs))).flat();
}

describe("while the queue duplicates, loses, reorders, delays and redelivers messages,", () => {
  const [CAPACITY, WAIT_MS] = [6, 120];
  let worker: SideBySide;
  let accepted: Accepted[];
  let jobs: Json[];
  let events: Json[];

  beforeAll(async () => {
    const vars = { ...JSON_LOG, WAIT_MS: String(WAIT_MS), POOL_CAPACITY: String(CAPACITY), TICKET_RESEND_SECONDS: "2" };
    worker = await startSideBySide(vars, {
      consumers: CONSUMERS, batchSize: 5, batchTimeoutMs: 0, retryDelayMs: 500, maxRetries: 100, random: createRandom(3),
      faults: { duplicate: 0.25, lose: 0.15, reorder: 0.3, delay: 0.3, delayMaxMs: 800, loseAck: 0.25 },
    });
    // Two users of each tier, five jobs each, the users in turn: those of tier1 and tier2 have as many as their limit or more.
    const users = [1, 2, 3, 4, 1, 2, 3, 4].map((tier, index) => ({ userId: `user-${index}`, userTier: `tier${tier}` }));
    accepted = await submitAll(Array.from({ length: 5 * users.length }, (_, index) => users[index % users.length]),
      ({ userId, userTier }) => worker.accept(story(userId, { userTier })));
    jobs = await untilAllEnded(worker, accepted, 50_000);
    // What still travels comes too late, and must change nothing.
    await eventually(() => expect([worker.broker.backlog, worker.broker.running]).toEqual([0, 0]), 50_000);
    events = worker.events();
  }, 120_000);
  afterAll(() => worker.close());

  const stages = (own: Json[]) => own.flatMap(({ stages }) => stages.map(({ finishedAt }: Json) =>
    ({ start: Date.parse(finishedAt) - WAIT_MS, end: Date.parse(finishedAt) })));

  test("the faults happen, and often", () => {
    const { duplicated, lost, reordered, delayed, acksLost, deadLetters, mostConsumers } = worker.broker.counts;
    for (const [fault, count] of Object.entries({ duplicated, lost, reordered, delayed, acksLost })) {
      expect({ fault, happened: count >= 2 }).toEqual({ fault, happened: true });
    }
    expect({ deadLetters, mostConsumers }).toEqual({ deadLetters: 0, mostConsumers: CONSUMERS });
  });

  test("no user is ever over the limit", () => {
    for (const [, own] of Map.groupBy(jobs, ({ userId }) => userId)) {
      expect(own).toHaveLength(5);
      expect(overlap(stages(own), LIMITS[own[0].tier])).toMatchObject({ overLimit: 0 });
    }
  });

  test("no more jobs than the capacity run at once", () => {
    const { maxActive, overLimit } = overlap(stages(jobs), CAPACITY);
    expect(overLimit).toBe(0);
    expect(maxActive, "the capacity was put to the test").toBe(CAPACITY);
  });

  test("every accepted job ends exactly once, and no other job exists", () => {
    expect(jobs.map(({ jobId }) => jobId).sort()).toEqual(accepted.map(({ jobId }) => jobId).sort());
    for (const job of jobs) {
      expect(job).toMatchObject({ status: "succeeded" });
      expect({ ...job, ends: countOf(events, "succeeded", job) }).toMatchObject({ ends: 1 });
    }
    expect(events.filter(({ event }) => ["failed", "cancelled"].includes(event))).toEqual([]);
  });

  test("each stage runs once", () => {
    for (const job of jobs) {
      for (const { name, attempts } of job.stages) {
        expect({ name, starts: countOf(events, "started", job, name) }).toEqual({ name, starts: attempts });
      }
      expect(job.stages.map(({ attempts }: Json) => attempts)).toEqual([1, 1, 1]);
    }
  });

  test("one key is one job, however often it is submitted at once", async () => {
    const keys = [1, 2, 3, 4, 5];
    const answers = await Promise.all(keys.flatMap((key) => Array.from({ length: 8 }, () =>
      worker.accept(story("keyed", { userTier: "tier2" }), `key-${key}`))));
    const byKey = keys.map((_, index) => new Set(answers.slice(8 * index, 8 * index + 8).map(({ jobId }) => jobId)));
    expect(byKey.map(({ size }) => size)).toEqual([1, 1, 1, 1, 1]);
    const listed = await untilAllEnded(worker, answers, 40_000);
    expect(listed.map(({ jobId }) => jobId).sort()).toEqual(byKey.flatMap((ids) => [...ids]).sort());
    for (const job of listed) expect(countOf(worker.events(), "succeeded", job)).toBe(1);
  }, 60_000);
});

describe("while the queue works without faults,", () => {
  // So long that a busy machine takes little of it.
  const [CAPACITY, WAIT_MS] = [20, 3_000];
  let worker: SideBySide;
  let jobs: Json[];

  beforeAll(async () => {
    const vars = { ...JSON_LOG, WAIT_MS: String(WAIT_MS), KINDS: ONE_STAGE, POOL_CAPACITY: String(CAPACITY) };
    worker = await startSideBySide(vars, { consumers: CONSUMERS });
    const accepted = await submitAll(Array.from({ length: 80 }, (_, index) => index % 40), (user) => worker.accept(story(`user-${user}`)));
    // When all places are taken and most of the burst waits.
    await eventually(() => expect(worker.events().filter(({ event }) => event === "completed").length).toBeGreaterThan(20));
    accepted.push(await worker.accept(story("late", { userTier: "tier4" })));
    jobs = await untilAllEnded(worker, accepted, 60_000);
  }, 120_000);
  afterAll(() => worker.close());

  const judged = () => judge(jobs.map(({ userId, tier, submittedAt, finishedAt }) => ({
    userId, tier, submittedAt: Date.parse(submittedAt), end: Date.parse(finishedAt), isLate: userId === "late",
  })), { slots: CAPACITY, waitMs: WAIT_MS });

  test("the capacity is used while jobs wait, and never exceeded", () => {
    const { used, mostAtOnce, aboveLimit } = judged();
    expect(used).toBeGreaterThanOrEqual(0.8);
    expect({ mostAtOnce, aboveLimit }).toEqual({ mostAtOnce: CAPACITY, aboveLimit: 0 });
  });

  test("a late job of the highest tier starts in the next free slot", () => {
    expect(judged().lateS).toBeLessThanOrEqual(5);
  });

  test("no ticket is sent again, and no job is given twice", () => {
    expect(worker.events().filter(({ event }) => ["ticketResent", "requeued", "startMissed"].includes(event))).toEqual([]);
  });
});
