// Who runs now: the order of tiers, and the limit of each user.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overlap } from "../../scripts/demo/judge.mjs";
import { eventually, whileFull, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const NONE = { jobsPerMonth: 0, maxChars: 0 };
const QUOTAS = { quotas: { episode: NONE, still: NONE, story: NONE } };
const TIERS = [
  { tier: "tier1", maxConcurrentJobs: 2, maxBatchSize: 3, priority: 1, maxParkedJobs: 100, ...QUOTAS },
  { tier: "tier2", maxConcurrentJobs: 5, maxBatchSize: 5, priority: 2, maxParkedJobs: 300, ...QUOTAS },
  { tier: "tier3", maxConcurrentJobs: 10, maxBatchSize: 10, priority: 3, maxParkedJobs: 1_000, ...QUOTAS },
  { tier: "tier4", maxConcurrentJobs: 20, maxBatchSize: 15, priority: 4, maxParkedJobs: 3_000, ...QUOTAS },
];

let worker: Worker;
beforeAll(async () => { worker = await startWorker({ STORYBOARD_PACE_MS: "100" }); });
afterAll(() => worker.close());

const acceptMany = (count: number, userId: () => string, userTier: string): Promise<Accepted[]> =>
  Promise.all(Array.from({ length: count }, () => worker.accept(story(userId(), { userTier, scenes: 10 }))));

/** The ids of the jobs, in the order in which they were accepted. */
const inOrder = (jobs: Accepted[]) => jobs.map(({ submittedAt, jobId }) => `${submittedAt} ${jobId}`).sort();

/** The lines that say that a stage of one of the jobs starts. */
const starts = (jobs: Accepted[], lines = worker.lines()) => {
  const known = new Set(jobs.map(({ jobId }) => jobId));
  return lines.flatMap((line, index) => {
    const [, stage, jobId, tier, priority] =
      /^\[Queue Consumer\] Processing (\w+) for job (\S+) \(Tier: (tier\d), Priority: (\d)\)$/.exec(line) ?? [];
    return known.has(jobId) ? [{ stage, jobId, tier, priority: Number(priority), active: lines[index + 1] }] : [];
  });
};

/** What is logged under each line that says that the user is at the limit. */
const limitsReached = (userId: string) => worker.lines().flatMap((line, index, lines) =>
  line === `[Concurrency Manager] Concurrency limit reached for user ${userId}` ? [lines[index + 1]] : []);

/** How many jobs held a lease at once, by the gate's own record of each. */
function leases(jobs: Json[], limit: number): { maxActive: number; overLimit: number } {
  const spans = jobs.map(({ grantedAt, finishedAt }) => ({ start: Date.parse(grantedAt), end: Date.parse(finishedAt) }));
  for (const { start, end } of spans) expect(end).toBeGreaterThan(start);
  return overlap(spans, limit);
}

test("the tiers are those of the documentation", async () => {
  expect(await worker.tiers()).toEqual({ default: "tier1", tiers: TIERS });
});

test("A of tier4, B of tier1 and C of tier3, submitted together, are processed in the order A, C, B", async () => {
  const narrow = await startWorker({ STORYBOARD_PACE_MS: "100", POOL_CAPACITY: "1" });
  try {
    const [a, b, c] = await whileFull(narrow, 1, () => Promise.all(
      ["tier4", "tier1", "tier3"].map((userTier) => narrow.accept(story(newUser("abc"), { userTier }))),
    ));
    await Promise.all([a, b, c].map((job) => narrow.until(job, "succeeded")));
    const images = starts([a, b, c], narrow.lines()).filter(({ stage }) => stage === "image");
    expect(images).toEqual([
      { stage: "image", jobId: a.jobId, tier: "tier4", priority: 4, active: "Active Concurrency: 1/20" },
      { stage: "image", jobId: c.jobId, tier: "tier3", priority: 3, active: "Active Concurrency: 1/10" },
      { stage: "image", jobId: b.jobId, tier: "tier1", priority: 1, active: "Active Concurrency: 1/2" },
    ]);
  } finally {
    await narrow.close();
  }
});

describe("when a user of each tier has five more jobs than may run at once", () => {
  const WAITING = 5;
  type Run = { busy: string; own: Accepted[]; all: Accepted[]; jobs: Json[]; samples: number[] };
  const runs = new Map<string, Run>();

  beforeAll(async () => {
    await Promise.all(TIERS.map(async ({ tier, maxConcurrentJobs }) => {
      const busy = newUser("busy");
      const own = acceptMany(maxConcurrentJobs + WAITING, () => busy, tier);
      const others = acceptMany(3, () => newUser("other"), tier);
      const all = (await Promise.all([own, others])).flat();
      runs.set(tier, { busy, own: await own, all, jobs: [], samples: [] });
    }));
    await eventually(async () => {
      for (const run of runs.values()) {
        run.samples.push((await worker.user(run.busy)).active);
        run.jobs = (await worker.jobs(run.busy, "?status=succeeded&limit=100")).jobs;
      }
      for (const { jobs, own } of runs.values()) expect(jobs).toHaveLength(own.length);
    }, 90_000);
    for (const { all } of runs.values()) for (const job of all) await worker.until(job, "succeeded");
  }, 120_000);

  describe.each(TIERS)("$tier", ({ tier, priority, maxConcurrentJobs: limit }) => {
    test(`never more than ${limit} of them run`, () => {
      const { samples, jobs } = runs.get(tier)!;
      expect(samples.length).toBeGreaterThan(10);
      expect(Math.max(...samples)).toBe(limit);
      expect(leases(jobs, limit)).toEqual({ maxActive: limit, overLimit: 0 });
    });

    test("the five submitted last reach the limit, wait, and succeed at the first attempt", () => {
      const { busy, own, jobs } = runs.get(tier)!;
      expect(limitsReached(busy)).toEqual(Array(WAITING).fill(`Tier: ${tier}, Active: ${limit}/${limit} - Job will retry`));
      const parked = jobs.filter(({ timesParked }: Json) => timesParked > 0);
      expect(inOrder(parked)).toEqual(inOrder(own).slice(-WAITING));
      expect(parked.map(({ timesParked }: Json) => timesParked)).toEqual(Array(WAITING).fill(1));
      const attempts = jobs.flatMap(({ stages }: Json) => stages.map(({ attempts }: Json) => attempts));
      expect(attempts).toEqual(Array(jobs.length * 3).fill(1));
    });

    test("each start is logged with the tier, the priority and how many run", () => {
      const { own, all } = runs.get(tier)!;
      for (const start of starts(all)) expect(start).toMatchObject({ tier, priority });
      const active = starts(own).map(({ active }) => active);
      const counts = Array.from({ length: limit }, (_, index) => `Active Concurrency: ${index + 1}/${limit}`);
      expect(counts).toEqual(expect.arrayContaining(active));
    });

    test("waiting uses no delivery", () => {
      for (const job of runs.get(tier)!.own) {
        const events = worker.linesOf(job).map((line) => /\] (Job|\w+)/.exec(line)?.[1]);
        expect(events).toEqual(["Processing", "Completed", "Processing", "Completed", "Processing", "Completed", "Job"]);
      }
    });
  });
});
