// Jobs of any kind: one, many in a call, those of nobody, and what they delete.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, newUser, startWorker, story, type Json, type Worker } from "./worker";
import { SECRET, tokenOf } from "./tokens";

const KEY = "a-service-key-for-the-general-tests-alone";

let worker: Worker;
let service: ReturnType<Worker["as"]>;
beforeAll(async () => {
  worker = await startWorker({ AUTH: "credentials", SERVICE_KEYS: KEY, JWT_SECRET: SECRET, RETRY_BACKOFF_SECONDS: "1", STORYBOARD_PACE_MS: "100" });
  service = worker.as(KEY);
});
afterAll(() => worker.close());

const json = { "content-type": "application/json" };
const post = (who: Pick<Worker, "send">, body: Json, headers = {}) =>
  who.send("POST", "/jobs", { body: JSON.stringify(body), headers: { ...json, ...headers } });

/** A still is one frame for each scene. */
const still = (userId: string, fields: Json = {}) => {
  const { script, videoConfig } = story(userId);
  return { kind: "still", userId, payload: { script, videoConfig }, ...fields };
};
const accept = async (body: Json, who: Pick<Worker, "send"> = service) => {
  const answer = await post(who, body);
  expect(answer).toMatchObject({ status: 202 });
  return answer.body;
};
const report = async (cleanup: Json) => {
  await service.until({ ...cleanup, userId: "~nobody" }, "succeeded");
  return (await service.artifact({ ...cleanup, userId: "~nobody" }, "report.json")).body;
};

test.concurrent("a job of any kind runs its stages, and its key is that of a story", async () => {
  const userId = newUser("mara");
  const accepted = await accept(still(userId, { idempotencyKey: "lamp" }));
  expect(accepted).toMatchObject({ userId, seriesId: "still" });
  const job = await service.until(accepted, "succeeded");
  expect(job).toMatchObject({ kind: "still", stages: [{ name: "image", status: "done" }], artifacts: [{ name: "frames/001.svg" }] });
  const again = await post(service, still(userId), { "idempotency-key": "lamp" });
  expect(again).toMatchObject({ status: 202, body: { jobId: accepted.jobId } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");

  const { script, videoConfig } = story(userId);
  const told = await service.accept(story(userId), "tale");
  const same = await post(service, { kind: "story", userId, seriesId: "series-1", payload: { script, videoConfig }, idempotencyKey: "tale" });
  expect(same.body.jobId).toBe(told.jobId);
});

test.concurrent("a payload that is no story fails for good, and says why", async () => {
  const accepted = await accept({ kind: "still", userId: newUser("theo"), payload: { text: "no story" } });
  const job = await service.until(accepted, "failed");
  expect(job.error).toMatchObject({ code: "payload_unreadable", message: expect.stringContaining("/script: Required JSON object.") });
  expect(job.stages[0].attempts).toBe(1);
});

test.concurrent("faults are named at their places, and a body that is too large is refused", async () => {
  const wrong = await post(service, { kind: "song", userId: "a b", payload: [] });
  expect(wrong).toMatchObject({ status: 422, body: { type: "urn:story-queue:problem:invalid-job" } });
  expect(wrong.body.errors.map(({ pointer }: Json) => pointer)).toEqual(["/kind", "/userId", "/payload"]);
  expect(await post(service, [])).toMatchObject({ status: 400 });
  expect(await post(service, still(newUser("u"), { payload: { t: "x".repeat(300_000) } }))).toMatchObject({ status: 413 });
  expect(await post(service, { jobs: [{ t: "x".repeat(4_200_000) }] })).toMatchObject({ status: 413 });
});

test.concurrent("jobs of one call have each their own answer, in order", async () => {
  const userId = newUser("ines");
  const jobs = Array.from({ length: 30 }, (_, index) => still(userId, { userTier: "tier4", idempotencyKey: `k${index}`, seriesId: `s${index}` }));
  const body = { jobs: [...jobs, { kind: "song", payload: {} }, jobs[0], { ...jobs[1], seriesId: "other" }] };
  const { status, body: { results } } = await post(service, body);
  expect(status).toBe(200);
  expect(results.slice(0, 30).map(({ job }: Json) => job?.seriesId)).toEqual(jobs.map(({ seriesId }) => seriesId));
  expect(results.map(({ status }: Json) => status)).toEqual([...jobs.map(() => 202), 422, 202, 422]);
  expect(results[30].problem.errors).toMatchObject([{ pointer: "/kind" }]);
  expect(results[31]).toMatchObject({ job: { jobId: results[0].job.jobId }, replayed: true });
  expect(results[32].problem.type).toMatch(/idempotency-key-reused$/);
  expect(await post(service, body, { "idempotency-key": "all" })).toMatchObject({ status: 400, body: { errors: [{ header: "Idempotency-Key" }] } });

  const token = worker.as(tokenOf(userId));
  const mixed = await post(token, { jobs: [still(userId), still(newUser("other")), { kind: "cleanup", payload: {} }] });
  expect(mixed.body.results.map(({ status }: Json) => status)).toEqual([202, 403, 403]);
});

test.concurrent("each job of a call counts for the rate limit", async () => {
  const token = worker.as(tokenOf(newUser("max")));
  const statuses = [];
  // A minute of the limiter may end in between: two of the three are within one.
  for (const _ of [1, 2, 3]) {
    const { status: whole, body } = await post(token, { jobs: Array.from({ length: 100 }, () => ({})) });
    statuses.push(...(body.results ?? [{ status: whole }]).map(({ status }: Json) => status));
  }
  expect(statuses.slice(0, 100)).toEqual(Array.from({ length: 100 }, () => 422));
  expect(statuses).toContain(429);
});

test.concurrent("jobs of nobody take a service key, and are shown to no user", async () => {
  const userId = newUser("zoe");
  const token = worker.as(tokenOf(userId));
  const cleanup = { kind: "cleanup", payload: { userId, seriesId: "none" } };
  expect(await post(token, cleanup)).toMatchObject({ status: 403 });
  expect(await post(service, { ...cleanup, userId })).toMatchObject({ status: 422, body: { errors: [{ pointer: "/userId" }] } });
  const accepted = await accept(cleanup);
  expect(accepted).toMatchObject({ userId: "~nobody", tier: "tier1", priority: 1 });
  expect(await report(accepted)).toEqual({ jobs: 0, objects: 0, left: [], continuedBy: null });
  expect(await token.send("GET", "/users/~nobody/jobs")).toMatchObject({ status: 404 });
  expect(await token.send("GET", accepted.links.self)).toMatchObject({ status: 404 });
  const nobody = worker.as(tokenOf("~nobody"));
  expect(await nobody.send("GET", "/users/~nobody/jobs")).toMatchObject({ status: 401 });
  expect(await service.submit(story("~nobody"))).toMatchObject({ status: 400, body: { errors: [{ pointer: "/userId" }] } });
  const plan = { body: '{"subscription":null}', headers: json };
  expect(await service.send("PUT", "/users/~nobody/plan", plan)).toMatchObject({ status: 403 });
  const wrong = await service.until(await accept({ kind: "cleanup", payload: { userId } }), "failed");
  expect(wrong.error).toMatchObject({ code: "payload_unreadable" });
});

test.concurrent("a sweep deletes what the ended jobs of a series made, and leaves one that runs", async () => {
  const userId = newUser("lou");
  const ended = await Promise.all([0, 1].map(() => accept(still(userId, { seriesId: "night", userTier: "tier3" }))));
  await Promise.all(ended.map((job) => service.until(job, "succeeded")));
  const other = await service.until(await accept(still(userId, { seriesId: "day" })), "succeeded");
  const runs = await service.accept(story(userId, { seriesId: "night", scenes: 100 }));
  await service.until(runs, "running");

  const target = { userId, seriesId: "night" };
  const swept = await report(await accept({ kind: "cleanup", payload: target }));
  expect(swept).toEqual({ jobs: 2, objects: 2, left: [runs.jobId], continuedBy: null });
  for (const job of ended) {
    expect(await service.job(job)).toMatchObject({ status: "succeeded", artifacts: [] });
    expect(await service.artifact(job, "frames/001.svg")).toMatchObject({ status: 404 });
  }
  expect(await service.artifact(other, "frames/001.svg")).toMatchObject({ status: 200 });
  // Once more, without harm.
  expect(await report(await accept({ kind: "cleanup", payload: target }))).toMatchObject({ jobs: 2, objects: 0 });
  expect(await service.cancel(runs)).toMatchObject({ status: 202 });
});

test.concurrent("a user purges its own job: at once if it has ended, else as soon as it has", async () => {
  const userId = newUser("ada");
  const token = worker.as(tokenOf(userId));
  const purge = (job: Json, who: Pick<Worker, "send"> = token) => who.send("DELETE", `${job.links.self}?purge=true`);

  const done = await accept(still(userId), token);
  await token.until(done, "succeeded");
  const other = worker.as(tokenOf(newUser("eve")));
  expect(await purge(done, other)).toMatchObject({ status: 404 });
  const first = await purge(done);
  expect(first).toMatchObject({ status: 200, body: { status: "succeeded" } });
  expect((await purge(done)).body.links.purge).toBe(first.body.links.purge);
  const [, cleanup] = first.body.links.purge.split("/jobs/");
  expect(await report({ jobId: cleanup })).toMatchObject({ jobs: 1, objects: 1 });
  expect(await token.artifact(done, "frames/001.svg")).toMatchObject({ status: 404 });
  expect(await token.send("GET", first.body.links.purge)).toMatchObject({ status: 404 });

  const runs = await token.accept(story(userId, { scenes: 200 }));
  await token.until(runs, "running");
  const asked = await purge(runs);
  expect(asked).toMatchObject({ status: 202 });
  expect(asked.headers.get("location")).toBe(runs.links.self);
  // It waits for the end without a place, and spends no attempt on that.
  const waits = await eventually(async () => {
    const found = await service.send("GET", asked.body.links.purge);
    expect(found.body).toMatchObject({ status: "retrying", error: null, stages: [{ attempts: 1 }] });
    return found.body;
  });
  expect((await purge(runs)).body.links.purge).toBe(asked.body.links.purge);
  // One that will never do it is followed by another, once.
  expect(await service.cancel(waits)).toMatchObject({ status: 200, body: { status: "cancelled" } });
  const { purge: anew } = (await purge(runs)).body.links;
  expect(anew).not.toBe(asked.body.links.purge);
  expect((await purge(runs)).body.links.purge).toBe(anew);
  const jobId = anew.split("/jobs/")[1];
  await eventually(async () => expect(await service.job({ userId: "~nobody", jobId })).toMatchObject({ status: "succeeded" }), 60_000);
  expect(await token.job(runs)).toMatchObject({ status: "cancelled", artifacts: [] });
  expect(await token.send("DELETE", `${done.links.self}?purge=1`)).toMatchObject({ status: 400, body: { errors: [{ parameter: "purge" }] } });
});
