// The pool: how many jobs run at once over all users, who is next, and what a waiting job is told.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, whileFull, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const CAPACITY = 3;
const vars = { STORYBOARD_PACE_MS: "150", POOL_CAPACITY: String(CAPACITY) };
let worker: Worker;
beforeAll(async () => { worker = await startWorker(vars); });
afterAll(() => worker.close());

const accept = (userTier: string, scenes = 4): Promise<Accepted> =>
  worker.accept(story(newUser(userTier), { userTier, scenes }));
const acceptMany = (count: number, userTier: string, scenes?: number) =>
  Promise.all(Array.from({ length: count }, () => accept(userTier, scenes)));

/** The ids of the jobs in the order in which their first stages started. */
const startOrder = (jobs: Accepted[]) => {
  const known = new Set(jobs.map(({ jobId }) => jobId));
  const ids = worker.lines().flatMap((line) => /Processing image for job (\S+)/.exec(line)?.[1] ?? []);
  return ids.filter((jobId) => known.has(jobId));
};

/** The most stages that were at work at once, by the order of the lines. */
function mostAtWork(lines: string[]): number {
  let [running, most] = [0, 0];
  for (const line of lines) {
    const [, what] = /^\[Queue Consumer\] (Processing|Completed) \w+ for job/.exec(line) ?? [];
    if (what) running += what === "Processing" ? 1 : -1;
    most = Math.max(most, running);
  }
  return most;
}

test("jobs beyond the capacity wait for a slot, and say so", async () => {
  const first = await acceptMany(CAPACITY, "tier2", 20);
  await Promise.all(first.map((job) => worker.until(job, "running")));
  const jobs = [...first, ...await acceptMany(2, "tier2")];
  const waiting: Json[] = await eventually(async () => {
    const found = (await Promise.all(jobs.map(worker.job))).filter(({ waiting }: Json) => waiting?.reason === "capacity");
    expect(found).toHaveLength(2);
    return found;
  });
  const places = waiting.map(({ waiting }) => waiting).sort((one, other) => one.position - other.position);
  expect(places.map(({ position }) => position)).toEqual([1, 2]);
  expect(places[0]).toMatchObject({
    reason: "capacity", active: CAPACITY, limit: CAPACITY, positionIsAtLeast: false,
    detail: "3 of 3 slots are in use, over all users. This job starts when it is first in line and a slot is free.",
  });
  const [job] = waiting;
  expect(job).toMatchObject({ status: "queued", startedAt: null, waitMs: null, timesParked: 0 });
  expect(await worker.user(job.userId)).toMatchObject({ active: 1, queued: 1, parked: 0 });
  await eventually(() => {
    const lines = worker.lines();
    expect(lines[lines.indexOf(`[Capacity Pool] Capacity reached for job ${job.jobId}`) + 1])
      .toBe("Tier: tier2, Active: 3/3 - Job will retry");
  });
  const done = await Promise.all(jobs.map((job) => worker.until(job, "succeeded")));
  for (const { stages, waiting } of done) {
    expect(stages.map(({ attempts }: Json) => attempts), "waiting is not an attempt").toEqual([1, 1, 1]);
    expect(waiting).toBeUndefined();
  }
});

test("no more jobs than the capacity run at once, over all users", () => {
  expect(mostAtWork(worker.lines())).toBe(CAPACITY);
});

test("jobs of a higher tier go first among the waiting ones", async () => {
  const [free, paid] = await whileFull(worker, CAPACITY, async () =>
    [await acceptMany(3, "tier1", 1), await acceptMany(3, "tier3", 1)]);
  await Promise.all([...free, ...paid].map((job) => worker.until(job, "succeeded")));
  const order = startOrder([...free, ...paid]);
  expect(new Set(order.slice(0, 3))).toEqual(new Set(paid.map(({ jobId }) => jobId)));
});

test("a job that waits for its user's limit shows its place, and what is told of its start comes", async () => {
  const userId = newUser("busy");
  const jobs = await Promise.all(Array.from({ length: 10 }, () => worker.accept(story(userId, { scenes: 2 }))));
  const found: Json = await eventually(async () => {
    const { jobs } = await worker.jobs(userId, "?status=parked");
    const found = (await Promise.all(jobs.map(worker.job))).find(({ waiting }: Json) => waiting?.estimate);
    expect(found).toBeDefined();
    expect(found.waiting).toMatchObject({ reason: "user_limit", limit: 2, positionIsAtLeast: false });
    return found;
  });
  const now = Date.now();
  const { startsAt, from, until, basedOn } = found.waiting.estimate;
  expect(basedOn.jobs).toBeGreaterThan(2);
  expect(basedOn.ahead).toBeGreaterThanOrEqual(found.waiting.position - 1);
  const told = [from, startsAt, until].map((at: string) => Date.parse(at));
  expect(told).toEqual(told.toSorted((one, other) => one - other));
  expect(told[0]).toBeGreaterThan(now - 5_000);
  await Promise.all(jobs.map((job) => worker.until(job, "succeeded")));
  // Calls of a busy machine take their time.
  const started = Date.parse((await worker.job(found)).startedAt);
  expect(started).toBeGreaterThan(told[0]! - 1_000);
  expect(started).toBeLessThan(told[2]! + 3_000);
});

test("a job in the line is told when its turn comes, and that comes", async () => {
  const first = await acceptMany(CAPACITY, "tier2", 8);
  const jobs = await acceptMany(4, "tier2", 2);
  const found: Json = await eventually(async () => {
    const found = (await Promise.all(jobs.map(worker.job))).find(({ waiting }: Json) => waiting?.position === 3 && waiting.estimate);
    expect(found).toBeDefined();
    return found;
  });
  const { from, until } = found.waiting.estimate;
  await Promise.all([...first, ...jobs].map((job) => worker.until(job, "succeeded")));
  const started = Date.parse((await worker.job(found)).startedAt);
  expect(started).toBeGreaterThan(Date.parse(from) - 1_000);
  expect(started).toBeLessThan(Date.parse(until) + 3_000);
});

test("a waiting job is cancelled at once, and leaves the line", async () => {
  const [one, other] = await whileFull(worker, CAPACITY, async () => {
    const jobs = await acceptMany(2, "tier1", 1);
    for (const job of jobs) await eventually(async () => expect((await worker.job(job)).waiting.reason).toBe("capacity"));
    expect((await worker.cancel(jobs[0]!)).body).toMatchObject({ status: "cancelled" });
    await eventually(async () => expect((await worker.job(jobs[1]!)).waiting).toMatchObject({ position: 1 }));
    return jobs;
  });
  await worker.until(other!, "succeeded");
  expect(startOrder([one!])).toEqual([]);
});

test("raising a user's tier moves the waiting jobs forward, in the gate and in the pool", async () => {
  const userId = newUser("upgraded");
  const { others, own } = await whileFull(worker, CAPACITY, async () => {
    const others = await acceptMany(2, "tier2", 1);
    const own = await Promise.all(Array.from({ length: 4 }, () => worker.accept(story(userId))));
    expect(await worker.user(userId)).toMatchObject({ queued: 2, parked: 2 });
    const plan = await worker.send("PUT", `/users/${userId}/plan`, {
      body: JSON.stringify({ accountType: "complimentary" }), headers: { "content-type": "application/json" },
    });
    expect(plan.status).toBe(200);
    expect(await worker.user(userId)).toMatchObject({ tier: "tier3", limit: 10, active: 4, parked: 0 });
    return { others, own };
  });
  await Promise.all([...others, ...own].map((job) => worker.until(job, "succeeded")));
  const order = startOrder([...others, ...own]);
  expect(new Set(order.slice(0, 4))).toEqual(new Set(own.map(({ jobId }) => jobId)));
});

test("a pool that is evicted again and again loses nothing", async () => {
  const runtime = worker.server.getWorker();
  const since = worker.lines().length;
  const jobs = await acceptMany(12, "tier2", 8);
  let evictions = 0;
  await eventually(async () => {
    await runtime.evictDurableObject("PoolObject", { name: "stories" });
    evictions += 1;
    for (const job of jobs) expect(await worker.job(job)).toMatchObject({ status: "succeeded" });
  }, 40_000);
  expect(evictions).toBeGreaterThan(1);
  expect(mostAtWork(worker.lines().slice(since))).toBeLessThanOrEqual(CAPACITY);
});

describe("while as many jobs wait as may,", () => {
  let worker: Worker;
  beforeAll(async () => { worker = await startWorker({ STORYBOARD_PACE_MS: "500", POOL_CAPACITY: "1", MAX_BACKLOG: "2" }); });
  afterAll(() => worker.close());

  test("nothing more is accepted, until some have gone", async () => {
    const waiting: Accepted[] = [];
    const submit = () => worker.submit(story(newUser("flood"), { scenes: 60 }));
    const refused = await eventually(async () => {
      const answer = await submit();
      if (answer.status === 202) waiting.push(answer.body);
      expect(answer.status).toBe(503);
      return answer;
    }, 20_000);
    expect(refused).toMatchObject({ body: { type: "urn:story-queue:problem:backlog-full" } });
    expect(refused.headers.get("retry-after")).toBe("60");
    expect(waiting.length).toBeGreaterThanOrEqual(3);
    await Promise.all(waiting.map((job) => worker.cancel(job)));
    await eventually(async () => expect(await submit()).toMatchObject({ status: 202 }), 20_000);
  });
});

describe("when the runtime dies with all its queues while jobs wait for capacity,", () => {
  const vars = { POOL_CAPACITY: "1", LEASE_SECONDS: "8", TICKET_RESEND_SECONDS: "2", RETRY_BACKOFF_SECONDS: "1" };
  let worker: Worker;
  beforeAll(async () => { worker = await startWorker({ ...vars, STORYBOARD_PACE_MS: "1000" }); });
  afterAll(() => worker.close());

  test("the dead job's slot goes to the next, and all of them end", async () => {
    const jobs = [];
    for (const tier of ["tier1", "tier4", "tier2"]) {
      jobs.push(await worker.accept(story(newUser(tier), { userTier: tier, scenes: 40 })));
    }
    await eventually(async () => {
      const states = (await Promise.all(jobs.map(worker.job))).map(({ status }: Json) => status).sort();
      expect(states).toEqual(["queued", "queued", "running"]);
    });
    await worker.crash({ ...vars, STORYBOARD_PACE_MS: "0" });
    for (const job of jobs) await worker.until(job, "succeeded", 50_000);
    expect(worker.lines().some((line) => /(Slot expired|Start missed|Lease expired) for job/.test(line))).toBe(true);
  });
});

test("with unbounded capacity, the pool is never called", async () => {
  const unbounded = await startWorker({ POOL_CAPACITY: "0" });
  try {
    await unbounded.until(await unbounded.accept(story(newUser("free"))), "succeeded");
    const { POOLS } = await unbounded.server.getWorker().getEnv();
    const command = { op: "place", jobId: "018bcfe5-6800-7000-8000-000000000000" };
    const answer = await POOLS.getByName("stories").fetch("https://object/", { method: "POST", body: JSON.stringify(command) });
    expect(await answer.json()).toMatchObject({ is: "place", place: { active: 0, position: null } });
  } finally {
    await unbounded.close();
  }
}, 60_000);
