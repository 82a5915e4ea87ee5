// What a user can ask about jobs, and how to cancel them.

import { afterAll, beforeAll, expect, test } from "vitest";
import { ownStorage } from "./stored";
import { eventually, newUser, startWorker, story, type Accepted, type Worker } from "./worker";

const NO_QUOTA = { jobsPerMonth: null, maxChars: null };

let worker: Worker;
let finished: Accepted;
const stored = ownStorage();
beforeAll(async () => {
  worker = await startWorker({ STORYBOARD_PACE_MS: "100", LEASE_SECONDS: "6" });
  finished = await worker.accept(story(newUser("finished")));
  await worker.until(finished, "succeeded");
});
afterAll(async () => {
  await worker.close();
  stored.remove();
});

const ids = (jobs: Accepted[]) => jobs.map(({ jobId }) => jobId);

/** The tables of a user's object. */
const tablesOf = (userId: string) => stored.lookInto(worker, userId, (database) => {
  const rows = database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return rows.map(({ name }) => String(name)).filter((name) => !name.startsWith("__miniflare"));
});

test("an unknown user has an empty account, and nothing is stored", async () => {
  const stranger = newUser("stranger");
  const unknown = { userId: stranger, jobId: finished.jobId };
  expect(await worker.user(stranger)).toEqual({
    userId: stranger,
    ...{ tier: "tier1", priority: 1, limit: 2, active: 0, parked: 0, queued: 0, retrying: 0, scheduled: 0 },
    ...{ tierSource: "default", plan: null, planChanges: [], isBeingDeleted: false },
    quota: { maxParkedJobs: { limit: 100, used: 0 }, kinds: { episode: NO_QUOTA, still: NO_QUOTA, story: NO_QUOTA } },
    emailAddress: null,
    links: { self: `/users/${stranger}`, jobs: `/users/${stranger}/jobs` },
  });
  expect(await worker.jobs(stranger)).toEqual({ jobs: [], nextCursor: null });
  expect(await worker.cancel(unknown)).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:no-such-job" } });
  expect(await worker.artifact(unknown, "player.html")).toMatchObject({ status: 404 });
  expect(await tablesOf(stranger)).toEqual([]);
  // A deletion leaves its date, so that nothing from before makes an account.
  expect(await worker.send("DELETE", `/users/${stranger}`)).toMatchObject({ status: 204 });
  expect(await worker.jobs(stranger)).toEqual({ jobs: [], nextCursor: null });
  expect(await tablesOf(finished.userId)).toContain("jobs");
});

test("an export has the account and every job with its story, and says when it is whole", async () => {
  const userId = newUser("mara");
  const body = story(userId, { userTier: "tier3" });
  const accepted = [];
  for (let count = 0; count < 12; count += 1) accepted.push(await worker.accept(body, `key-${count}`));

  const answer = await worker.send("GET", `/users/${userId}/export`);
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.headers.get("content-type")).toBe("application/jsonl; charset=utf-8");
  const [first, ...rest] = String(answer.bytes).trimEnd().split("\n").map((line) => JSON.parse(line));
  expect(first).toMatchObject({ type: "account", account: { userId, tier: "tier3" } });
  expect(rest.pop()).toEqual({ type: "end", jobs: 12 });
  expect(ids(rest)).toEqual(ids(accepted).reverse());
  for (const [index, job] of rest.entries()) {
    expect(job).toMatchObject({ type: "job", userId, idempotencyKey: `key-${11 - index}`, story: { script: body.script, videoConfig: body.videoConfig } });
  }
  const unknown = await worker.send("GET", `/users/${newUser("stranger")}/export`);
  expect(String(unknown.bytes)).toBe('{"jobs":0,"type":"end"}\n');
});

test("jobs are listed newest first, in pages", async () => {
  const userId = newUser("mara");
  const accepted = [];
  for (let count = 0; count < 5; count += 1) accepted.push(await worker.accept(story(userId)));
  const newestFirst = ids(accepted).reverse();

  const first = await worker.jobs(userId, "?limit=2");
  const second = await worker.jobs(userId, `?limit=2&cursor=${first.nextCursor}`);
  const third = await worker.jobs(userId, `?limit=2&cursor=${second.nextCursor}`);
  expect([first, second, third].map(({ jobs }) => jobs.length)).toEqual([2, 2, 1]);
  expect(third.nextCursor).toBe(null);
  expect([first, second, third].flatMap(({ jobs }) => ids(jobs))).toEqual(newestFirst);
  expect(ids((await worker.jobs(userId)).jobs)).toEqual(newestFirst);
});

test("jobs are filtered by status and by series", async () => {
  const userId = newUser("mara");
  const [day, night] = ["day", "night"].map((seriesId) => story(userId, { seriesId, scenes: seriesId === "day" ? 2 : 40 }));
  const done = await worker.accept(day);
  await worker.until(done, "succeeded");
  const [late, later] = [await worker.accept(night), await worker.accept(night)];
  await worker.cancel(later);
  await worker.until(later, "cancelled");

  const listed = async (query: string) => ids((await worker.jobs(userId, query)).jobs);
  expect(await listed("?status=succeeded")).toEqual([done.jobId]);
  expect(await listed("?status=cancelled")).toEqual([later.jobId]);
  expect(await listed("?status=failed")).toEqual([]);
  expect(await listed("?seriesId=day")).toEqual([done.jobId]);
  expect(await listed("?seriesId=night")).toEqual([later.jobId, late.jobId]);
  expect(await listed("?seriesId=night&status=cancelled")).toEqual([later.jobId]);
  expect(await listed("?seriesId=dusk")).toEqual([]);
  await worker.cancel(late);
});

test("an invalid query is refused and every invalid parameter is reported", async () => {
  const job = `/users/mara/jobs/${finished.jobId}`;
  for (const [method, path, named] of [
    ["GET", "/users/mara/jobs?status=done&cursor=1&limit=101&seriesId=a%20b&expand=stages", ["status", "cursor", "limit", "seriesId", "expand"]],
    ["GET", "/users/mara/jobs?limit=1&limit=2&Status=failed", ["limit", "Status"]],
    ["GET", "/dead-letters?limit=1", ["limit"]],
    ["GET", "/tiers?x", ["x"]], ["GET", "/users/mara?x=1", ["x"]], ["DELETE", `${job}?force=true`, ["force"]], ["POST", "/create-story?dry=1", ["dry"]],
  ] as const) {
    const { status, body } = await worker.send(method, path);
    expect({ path, status }).toEqual({ path, status: 400 });
    expect(body.errors.map(({ parameter }: Accepted) => parameter)).toEqual(named);
  }
});

test("a list has artifacts only if it is asked for them", async () => {
  const { artifacts } = await worker.job(finished);
  expect(artifacts.length).toBeGreaterThan(0);
  const listed = async (query: string) => (await worker.jobs(finished.userId, query)).jobs.find(({ jobId }: Accepted) => jobId === finished.jobId);
  expect(await listed("")).not.toHaveProperty("artifacts");
  expect(await listed("?expand=artifacts")).toMatchObject({ artifacts });
});

test("every answer has an id of its own, and its content is never guessed", async () => {
  const ids = new Set();
  for (const path of ["/healthz", "/tiers", finished.links.self, `${finished.links.self}/artifacts/player.html`, "/users/a b", "/create-story"]) {
    const { headers } = await worker.send("GET", path);
    expect(headers.get("x-content-type-options"), path).toBe("nosniff");
    expect(headers.get("x-request-id"), path).toMatch(/^[0-9a-f-]{36}$/);
    ids.add(headers.get("x-request-id"));
  }
  expect(ids.size).toBe(6);
});

test("a parked job says why it waits, and is cancelled at once", async () => {
  const userId = newUser("theo");
  const jobs = [];
  for (let count = 0; count < 4; count += 1) jobs.push(await worker.accept(story(userId, { scenes: 10 })));
  const [, , third, fourth] = jobs as [Accepted, Accepted, Accepted, Accepted];
  await worker.until(third, "parked");
  const waiting = await worker.until(fourth, "parked");
  expect(waiting.waiting).toMatchObject({ reason: "user_limit", active: 2, limit: 2, position: 2 });
  expect(waiting.stages[0]).toMatchObject({ status: "pending", attempts: 0, startedAt: null });
  expect(await worker.user(userId)).toMatchObject({ active: 2, parked: 2, limit: 2 });

  expect(await worker.cancel(third)).toMatchObject({ status: 200, body: { status: "cancelled" } });
  expect(await worker.job(fourth)).toMatchObject({ status: "parked", waiting: { position: 1 } });
  expect(await worker.cancel(third)).toMatchObject({ status: 200, body: { status: "cancelled" } });

  // Its turn would have come before the fourth's.
  await worker.until(fourth, "succeeded");
  expect(await worker.job(third)).toMatchObject({ status: "cancelled", startedAt: null, artifacts: [] });
  expect(worker.linesOf(third).filter((line) => line.includes("Processing"))).toEqual([]);
  expect(worker.linesOf(third).at(-1)).toBe(`[Queue Consumer] Job ${third.jobId} cancelled (Tier: tier1, Priority: 1)`);
});

test("a running job is cancelled soon, in the middle of a stage, and never runs again", async () => {
  // The stage alone would take twenty seconds.
  const accepted = await worker.accept(story(newUser("theo"), { scenes: 200 }));
  await worker.until(accepted, "running");
  const answer = await worker.cancel(accepted);
  expect(answer).toMatchObject({ status: 202, body: { status: "running", cancelRequested: true } });
  expect(answer.headers.get("location")).toBe(accepted.links.self);
  const cancelled = await worker.until(accepted, "cancelled", 10_000);
  expect(cancelled).toMatchObject({ artifacts: [], error: null });

  const next = await worker.accept(story(accepted.userId));
  await worker.until(next, "succeeded");
  expect(await worker.job(accepted)).toMatchObject({ status: "cancelled", finishedAt: cancelled.finishedAt });
  await eventually(() => expect(worker.linesOf(accepted).at(-1)).toContain("cancelled"));
  expect(worker.linesOf(accepted).filter((line) => line.includes("Processing"))).toHaveLength(1);
});

test("a finished job can no longer be cancelled", async () => {
  const job = await worker.job(finished);
  expect(await worker.cancel(finished)).toMatchObject({ status: 200, body: { status: "succeeded", cancelRequested: false } });
  expect(await worker.job(finished)).toEqual(job);
});

test("HEAD answers as GET does, without a body", async () => {
  const { self, user } = finished.links;
  const paths = ["/healthz", "/tiers", user, self, `${self}/artifacts`, `${self}/artifacts/player.html`, "/nothing"];
  for (const path of paths) {
    const [get, head] = [await worker.send("GET", path), await worker.send("HEAD", path)];
    expect({ path, status: head.status }).toEqual({ path, status: get.status });
    expect(head.bytes, path).toHaveLength(0);
    for (const name of ["content-type", "etag"]) expect(head.headers.get(name), path).toBe(get.headers.get(name));
  }
});

