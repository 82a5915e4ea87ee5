// Not before, not after: a job that is put off starts in its time, and one that has not started in time never does.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const STORY = { stages: ["image"], quotas: { tier1: { jobsPerMonth: 5 } } };
const vars = { GENERATOR: "wait", WAIT_MS: "4000", POOL_CAPACITY: "1", KINDS: JSON.stringify({ story: STORY }) };
let worker: Worker;
beforeAll(async () => { worker = await startWorker(vars); });
afterAll(() => worker.close());

const after = (millis: number) => new Date(Date.now() + millis).toISOString();
const used = async (userId: string) => (await worker.user(userId)).quota.kinds.story.jobsPerMonth.used;
const kept = ({ body }: Json) => body.errors.map(({ pointer }: Json) => pointer);

test("a job that is put off holds neither lease nor slot, and starts when its time has come", async () => {
  const userId = newUser("later");
  const [notBefore, startBy] = [after(2_000), after(600_000)];
  const job = await worker.accept(story(userId, { notBefore, startBy }));
  expect(job).toMatchObject({ status: "scheduled", notBefore, startBy });
  expect(await worker.job(job)).toMatchObject({
    status: "scheduled", grantedAt: null, startBy, waiting: { reason: "scheduled", until: notBefore },
  });
  expect(await worker.user(userId)).toMatchObject({ scheduled: 1, active: 0, queued: 0, parked: 0 });
  expect((await worker.jobs(userId, "?status=scheduled")).jobs).toHaveLength(1);
  const done = await worker.until(job, "succeeded");
  expect(Date.parse(done.startedAt)).toBeGreaterThanOrEqual(Date.parse(notBefore));
  expect(Date.parse(done.grantedAt)).toBeGreaterThanOrEqual(Date.parse(notBefore));
  expect(done.waitMs).toBe(Date.parse(done.startedAt) - Date.parse(notBefore));
});

test("jobs that have not started in time expire in a busy pool and in the user's line, and are not counted", async () => {
  const [holder, userId] = [newUser("holder"), newUser("hurried")];
  await worker.until(await worker.accept(story(holder)), "running");
  const jobs: Accepted[] = [];
  for (let count = 0; count < 3; count += 1) jobs.push(await worker.accept(story(userId, { startBy: after(1_500) }), `key-${count}`));
  expect(jobs.map(({ status }) => status)).toEqual(["queued", "queued", "parked"]);
  const next = await worker.accept(story(userId));
  expect(await used(userId)).toBe(4);
  for (const job of jobs) {
    const { startBy, error, startedAt, finishedAt, waiting } = await worker.until(job, "expired");
    expect({ startBy, error, startedAt, waiting }).toMatchObject({ startBy: job.startBy, error: { code: "expired" }, startedAt: null });
    expect(Date.parse(finishedAt)).toBeGreaterThanOrEqual(Date.parse(startBy));
    expect(worker.linesOf(job)).toContainEqual(`[Concurrency Manager] Job ${job.jobId} expired before it started (Tier: tier1, Priority: 1)`);
  }
  expect(await used(userId)).toBe(1);
  expect((await worker.jobs(userId, "?status=expired")).jobs).toHaveLength(3);
  expect(await worker.job(next), "it has one of their leases").toMatchObject({ status: "queued", timesParked: 1 });
  await worker.until(next, "succeeded");
  // The same submission once more: its time has passed, but its answer stands.
  const [first] = jobs;
  const again = await worker.submit(story(userId, { startBy: first.startBy }), "key-0");
  expect(again).toMatchObject({ status: 202, body: { jobId: first.jobId, status: "expired" } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const other = await worker.submit(story(userId, { startBy: after(60_000) }), "key-0");
  expect(other, "another time is another submission").toMatchObject({ status: 422 });
});

test("a job that is put off is cancelled at once, and ends with its user", async () => {
  const userId = newUser("cancelled");
  const [one, other] = [await worker.accept(story(userId, { notBefore: after(60_000) })), await worker.accept(story(userId, { notBefore: after(60_000) }))];
  expect(await worker.cancel(one)).toMatchObject({ status: 200, body: { status: "cancelled" } });
  expect(await used(userId)).toBe(1);
  await worker.send("DELETE", `/users/${userId}`);
  await eventually(async () => expect((await worker.send("GET", `/users/${userId}/jobs/${other.jobId}`)).status).toBe(404));
});

test("each time that cannot be is named, by every route", async () => {
  const userId = newUser("faults");
  const days = (count: number) => after(count * 24 * 3_600_000);
  const both = { notBefore: days(31), startBy: days(61) };
  expect(kept(await worker.submit(story(userId, both)))).toEqual(["/notBefore", "/startBy"]);
  expect(await worker.submit(story(userId, { startBy: after(-1_000) }))).toMatchObject({ status: 400 });
  const json = (body: Json) => ({ body: JSON.stringify(body), headers: { "content-type": "application/json" } });
  const { userId: _, seriesId, ...payload } = story(userId);
  const job = { kind: "story", userId, payload, startBy: after(-1_000) };
  expect(await worker.send("POST", "/jobs", json(job))).toMatchObject({ status: 422, body: { errors: [{ pointer: "/startBy" }] } });
  const { results } = (await worker.send("POST", "/jobs", json({ jobs: [job, { ...job, startBy: undefined, notBefore: after(60_000) }] }))).body;
  expect(results).toMatchObject([{ status: 422, problem: { errors: [{ pointer: "/startBy" }] } }, { status: 202, job: { status: "scheduled" } }]);
});
