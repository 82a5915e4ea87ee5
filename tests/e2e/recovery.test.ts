// What crashes, and heals: dead consumers, lost tickets, evicted objects, duplicates.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { overlap } from "../../scripts/demo/judge.mjs";
import { eventually, newUser, startWorker, story, ticketOf, type Accepted, type Json, type Worker } from "./worker";

const started = (worker: Worker, job: Accepted) =>
  worker.linesOf(job).flatMap((line) => /Processing (\w+)/.exec(line)?.[1] ?? []);
const attempts = ({ stages }: Json) => stages.map(({ attempts }: Json) => attempts);

describe("when the runtime dies in the middle of everything, with all its queues held,", () => {
  const vars = { POOL_CAPACITY: "3", LEASE_SECONDS: "12", TICKET_RESEND_SECONDS: "4", RETRY_BACKOFF_SECONDS: "1" };
  const [theo, mara, ines] = ["theo", "mara", "ines"].map(newUser);
  let worker: Worker;
  let running: Accepted, parked: Accepted, queued: Accepted, next: Accepted;

  beforeAll(async () => {
    worker = await startWorker({ ...vars, STORYBOARD_PACE_MS: "1000" });
    // A delivery that takes a minute: two of theo's three jobs, and mara's.
    const theos = [];
    for (let count = 0; count < 3; count += 1) theos.push(await worker.accept(story(theo, { scenes: 60 })));
    running = await worker.accept(story(mara, { userTier: "tier2", scenes: 60 }));
    for (const job of [theos[0], theos[1], running]) await worker.until(job, "running");
    parked = theos[2];
    await worker.until(parked, "parked");
    // All slots are taken; the queue still holds its ticket, and loses it.
    queued = await worker.accept(story(ines));
    await worker.until(queued, "queued");
    // With a slot that no dead job holds.
    await worker.crash({ ...vars, POOL_CAPACITY: "4", STORYBOARD_PACE_MS: "0" });
    next = await worker.accept(story(mara, { userTier: "tier2" }));
  });
  afterAll(() => worker.close());

  test("a job whose consumer died runs again after its lease expires", async () => {
    const job = await worker.until(running, "succeeded");
    expect(job).toMatchObject({ error: { code: "lease_expired" }, timesParked: 0 });
    expect(attempts(job)).toEqual([2, 1, 1]);
    expect(started(worker, running)).toEqual(["image", "image", "audio", "video"]);
    await eventually(() => expect(worker.linesOf(running)).toContainEqual(
      `[Concurrency Manager] Lease expired for job ${running.jobId} (Tier: tier2, Priority: 2)`,
    ));
  });

  test("other jobs of its user go on meanwhile", async () => {
    const [dead, other] = await Promise.all([running, next].map((job) => worker.until(job, "succeeded")));
    expect(attempts(other)).toEqual([1, 1, 1]);
    expect(other.startedAt < dead.error.at).toBe(true);
  });

  test("a parked job still has its turn", async () => {
    const job = await worker.until(parked, "succeeded");
    expect(attempts(job)).toEqual([1, 1, 1]);
    expect(job.timesParked).toBe(1);
  });

  test("a job whose ticket was lost by the queue still runs", async () => {
    const job = await worker.until(queued, "succeeded");
    expect(attempts(job)).toEqual([1, 1, 1]);
    expect(started(worker, queued)).toEqual(["image", "audio", "video"]);
  });

  test("nothing is left over", async () => {
    for (const userId of [theo, mara, ines]) {
      const { jobs } = await eventually(async () => {
        const listed = await worker.jobs(userId);
        expect(new Set(listed.jobs.map(({ status }: Json) => status))).toEqual(new Set(["succeeded"]));
        return listed;
      });
      expect(jobs).toHaveLength({ [theo]: 3, [mara]: 2, [ines]: 1 }[userId]!);
      expect(await worker.user(userId)).toMatchObject({ active: 0, parked: 0, queued: 0, retrying: 0 });
    }
  });
});

describe("while the runtime lives,", () => {
  let worker: Worker;
  beforeAll(async () => { worker = await startWorker({ STORYBOARD_PACE_MS: "150" }); });
  afterAll(() => worker.close());

  test("a gate that is evicted again and again loses nothing", async () => {
    const userId = newUser("theo");
    const accepted = await Promise.all(Array.from({ length: 4 }, () => worker.accept(story(userId, { scenes: 12 }))));
    const runtime = worker.server.getWorker();
    let evictions = 0;
    const jobs = await eventually(async () => {
      await runtime.evictDurableObject("GateObject", { name: userId });
      evictions += 1;
      const { jobs } = await worker.jobs(userId, "?status=succeeded");
      expect(jobs).toHaveLength(4);
      return jobs;
    }, 40_000);
    expect(evictions).toBeGreaterThan(20);
    const spans = jobs.map(({ grantedAt, finishedAt }: Json) => ({ start: Date.parse(grantedAt), end: Date.parse(finishedAt) }));
    expect(overlap(spans, 2)).toEqual({ maxActive: 2, overLimit: 0 });
    for (const job of accepted) expect(started(worker, job)).toEqual(["image", "audio", "video"]);
  });

  test("a ticket delivered again and again runs its job once", async () => {
    const { STORIES } = await worker.server.getWorker().getEnv();
    const accepted = await worker.accept(story(newUser("mara"), { scenes: 2 }));
    const duplicates = Array.from({ length: 3 }, () => ({ body: ticketOf(accepted), contentType: "text" }));
    // In the same delivery, in the one after it, and when all is over.
    await STORIES.sendBatch(duplicates);
    await worker.until(accepted, "running");
    await STORIES.sendBatch(duplicates);
    const done = await worker.until(accepted, "succeeded");
    // The record of the last one says that all were delivered.
    await STORIES.sendBatch([...duplicates, { body: "the last", contentType: "text" }]);
    await eventually(() => expect(worker.lines().at(-1)).toMatch(/^\[Dead Letters\]/));
    expect(attempts(done)).toEqual([1, 1, 1]);
    expect(started(worker, accepted)).toEqual(["image", "audio", "video"]);
    expect(worker.linesOf(accepted).filter((line) => line.includes("succeeded"))).toHaveLength(1);
    expect(await worker.job(accepted)).toEqual(done);
  });
});
