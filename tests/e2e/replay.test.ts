// Failed jobs begin anew: one by its user, and many by an operator, who looks first, watches, pauses and stops.

import { afterAll, beforeAll, expect, test } from "vitest";
import { SECRET, tokenOf } from "./tokens";
import { eventually, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const KINDS = JSON.stringify({ story: { stages: ["image", "audio"] }, cleanup: { stages: ["sweep"], owner: "nobody", maxConcurrentJobs: 2 } });
const KEY = "a-service-key-for-the-test-of-replays";
const vars = { GENERATOR: "wait", WAIT_MS: "30", GENERATOR_OUTAGES: "on", KINDS, TICKET_RESEND_SECONDS: "10" };
let worker: Worker;
let service: Worker;
let bucket: Json;
beforeAll(async () => {
  worker = await startWorker(vars);
  service = worker;
  bucket = (await worker.server.getWorker().getEnv()).ARTIFACTS;
});
afterAll(() => worker.close());

/** From now on whatever runs fails for good: what the generator is told cannot be read. */
const breaks = () => bucket.put("tests/outage.json", "no outage at all");
const isBack = () => bucket.delete("tests/outage.json");
const json = (body: Json, headers: Record<string, string> = {}) => ({ body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers } });
const replays = (body: Json, headers = {}) => service.send("POST", "/replays", json(body, headers));
const replay = ({ userId, jobId }: Accepted, headers: Record<string, string> = {}) => service.send("POST", `/users/${userId}/jobs/${jobId}/replay`, { headers });
const attempts = async ({ userId, jobId }: Accepted) => (await service.send("GET", `/users/${userId}/jobs/${jobId}/attempts`)).body;
const outcomes = ({ attempts }: Json) => attempts.map(({ outcome, stage }: Json) => `${outcome} ${stage}`);

/** Jobs of that user that have failed. */
async function failed(userId: string, count: number): Promise<Accepted[]> {
  await breaks();
  const jobs = await Promise.all(Array.from({ length: count }, () => service.accept(story(userId, { userTier: "tier4" }))));
  for (const job of jobs) await service.until(job, "failed");
  await isBack();
  return jobs;
}

/** How many the list of failures knows of that user. */
const known = (userId: string, count: number) => eventually(async () => {
  const { body } = await replays({ filter: { userId }, preview: true });
  expect(body).toMatchObject({ matched: count });
  return body;
});

test("a job that failed at its second stage goes on there, with its age, and every attempt is told", async () => {
  const userId = newUser("one");
  await bucket.put("tests/outage.json", JSON.stringify({ stages: ["audio"] }));
  const job = await service.accept(story(userId));
  await eventually(async () => expect((await service.job(job)).stages[0]).toMatchObject({ status: "done" }));
  await breaks();
  const before = await service.until(job, "failed");
  await isBack();
  const answer = await replay(job, { "idempotency-key": "once" });
  expect(answer).toMatchObject({ status: 202, body: { timesReplayed: 1, submittedAt: before.submittedAt, error: null } });
  expect(answer.headers.get("location")).toBe(`/users/${userId}/jobs/${job.jobId}`);
  const after = await service.until(job, "succeeded");
  expect(after.stages[0], "it is not made again").toEqual(before.stages[0]);
  const told = await attempts(job);
  const [first, ...rest] = outcomes(told);
  expect(first).toBe("succeeded image");
  expect(rest.filter((one: string) => one === "replayed audio")).toHaveLength(1);
  expect(rest.at(-1)).toBe("succeeded audio");
  expect(told.attempts.find(({ outcome, fault }: Json) => outcome === "failed" && fault === "backend")).toMatchObject({ stage: "audio", attempt: 1 });
  expect(worker.lines()).toContainEqual(`[Concurrency Manager] Job ${job.jobId} replayed from audio (Tier: tier1, Priority: 1)`);
  const again = await replay(job, { "idempotency-key": "once" });
  expect(again, "the same word once more").toMatchObject({ status: 200, body: { status: "succeeded", timesReplayed: 1 } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  expect(await replay(job)).toMatchObject({ status: 409, body: { type: "urn:story-queue:problem:job-succeeded" } });
});

test("what a replay made is kept by a deletion from before it, and goes with a new one", async () => {
  const userId = newUser("purge");
  const [job] = await failed(userId, 1);
  const path = `/users/${userId}/jobs/${job.jobId}`;
  const purge = async () => (await service.send("DELETE", `${path}?purge=true`)).body.links.purge;
  const first = await purge();
  const swept = (link: string) => eventually(async () => expect((await service.send("GET", link)).body).toMatchObject({ status: "succeeded" }));
  await swept(first);
  await replay(job);
  await service.until(job, "succeeded");
  const { body: again } = await service.send("POST", "/jobs", json({ kind: "cleanup", payload: { userId, jobId: job.jobId, replays: 0 } }));
  await swept(again.links.self);
  const report = await service.send("GET", `${again.links.self}/artifacts/report.json`);
  expect(report.body).toMatchObject({ jobs: 0, left: [job.jobId] });
  const second = await purge();
  expect(second, "not the one that is over").not.toBe(first);
  await swept(second);
  expect((await service.send("GET", `${second}/artifacts/report.json`)).body).toMatchObject({ jobs: 1, left: [] });
});

test("asked for by several at a time, a job is replayed once", async () => {
  const [job] = await failed(newUser("two"), 1);
  const answers = await Promise.all([0, 1, 2].map(() => replay(job!)));
  expect(answers.map(({ status }) => status)).toEqual([202, 202, 202]);
  expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true")).toHaveLength(2);
  expect(await service.until(job!, "succeeded")).toMatchObject({ timesReplayed: 1 });
});

test("a user replays own jobs, nobody else's, and not many", async () => {
  const guarded = await startWorker({ AUTH: "credentials", SERVICE_KEYS: KEY, JWT_SECRET: SECRET });
  try {
    const userId = newUser("own");
    const [own, other, operator] = [tokenOf(userId), tokenOf(newUser("other")), KEY].map((credential) => guarded.as(credential));
    // Not a story, so it fails for good.
    const { body } = await own!.send("POST", "/jobs", json({ kind: "still", userId, payload: {} }));
    await own!.until(body, "failed");
    const path = `/users/${userId}/jobs/${body.jobId}`;
    for (const [method, what] of [["POST", "replay"], ["GET", "attempts"]]) {
      expect(await other!.send(method!, `${path}/${what}`)).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:no-such-job" } });
    }
    for (const caller of [own!, other!]) {
      expect(await caller.send("POST", "/replays", json({ filter: { userId } }))).toMatchObject({ status: 403 });
      expect(await caller.send("GET", "/replays")).toMatchObject({ status: 403 });
    }
    expect(await own!.send("POST", `${path}/replay`)).toMatchObject({ status: 202 });
    await eventually(async () => expect(await own!.job(body)).toMatchObject({ status: "failed", timesReplayed: 1 }));
    expect(outcomes((await own!.send("GET", `${path}/attempts`)).body)).toEqual(["failed image", "replayed image", "failed image"]);
    expect(await operator!.send("POST", "/replays", json({ filter: { userId } }))).toMatchObject({ status: 202 });
  } finally {
    await guarded.close();
  }
});

test("many are replayed as an operator says: looked at first, at a rate, paused, resumed and stopped", async () => {
  const userId = newUser("many");
  const jobs = await failed(userId, 12);
  const seen = await known(userId, 12);
  expect(seen.first).toHaveLength(10);
  expect(seen.first[0]).toMatchObject({ userId, stage: "image", error: "outage_unreadable", kind: "story", tier: "tier4" });
  expect(await replays({ filter: {} })).toMatchObject({ status: 422, body: { type: "urn:story-queue:problem:empty-filter" } });
  expect(await replays({ filter: { why: 1 }, preview: "yes" })).toMatchObject({ status: 400 });
  const begun = await replays({ filter: { userId }, ratePerMinute: 120 }, { "idempotency-key": "all" });
  expect(begun).toMatchObject({ status: 202, body: { status: "running", matched: 12 } });
  const { replayId } = begun.body;
  expect((await replays({ filter: { userId }, ratePerMinute: 120 }, { "idempotency-key": "all" })).body.replayId).toBe(replayId);
  const run = async () => (await service.send("GET", `/replays/${replayId}`)).body;
  await eventually(async () => expect((await run()).replayed).toBeGreaterThan(0));
  expect(await service.send("PUT", `/replays/${replayId}/pause`)).toMatchObject({ status: 200, body: { status: "paused" } });
  await eventually(async () => expect((await run()).waiting).toBe(0));
  const paused = await run();
  expect(paused.replayed).toBeLessThan(12);
  await new Promise((resolve) => setTimeout(resolve, 1_500));
  expect((await run()).replayed, "nothing goes on").toBe(paused.replayed);
  expect(await service.send("DELETE", `/replays/${replayId}/pause`)).toMatchObject({ status: 200, body: { status: "running" } });
  await eventually(async () => expect(await run()).toMatchObject({ status: "done", replayed: 12, refused: 0 }));
  for (const job of jobs) {
    expect(await service.until(job, "succeeded")).toMatchObject({ timesReplayed: 1 });
    expect((await attempts(job)).attempts.find(({ outcome }: Json) => outcome === "replayed")).toMatchObject({ replayId });
  }
  await known(userId, 0);
  const { body } = await service.send("GET", "/replays");
  expect(body.replays.map((one: Json) => one.replayId)).toContain(replayId);
  expect(worker.lines()).toContainEqual(`[Replay] ${replayId} done: 12 of 12 jobs replayed, 0 refused`);
});

test("one that is stopped leaves the rest as it is, and the next takes it up", async () => {
  const userId = newUser("stop");
  await failed(userId, 4);
  await known(userId, 4);
  const { body: { replayId } } = await replays({ filter: { userId, error: "outage_unreadable" }, ratePerMinute: 1 });
  await eventually(async () => expect((await service.send("GET", `/replays/${replayId}`)).body.replayed).toBe(1));
  expect(await service.send("DELETE", `/replays/${replayId}`)).toMatchObject({ status: 200, body: { status: "stopped", replayed: 1 } });
  expect(await service.send("DELETE", `/replays/${replayId}/pause`)).toMatchObject({ status: 409 });
  await known(userId, 3);
  const next = await replays({ filter: { userId }, ratePerMinute: 6_000 });
  expect(next).toMatchObject({ status: 202, body: { matched: 3 } });
  await known(userId, 0);
});

test("a crash in the midst of it loses none and replays none twice", async () => {
  const userId = newUser("crash");
  const jobs = await failed(userId, 6);
  await known(userId, 6);
  const { body: { replayId } } = await replays({ filter: { userId }, ratePerMinute: 60 });
  await eventually(async () => expect((await service.send("GET", `/replays/${replayId}`)).body.replayed).toBeGreaterThan(1));
  await worker.crash(vars);
  await eventually(async () => expect((await service.send("GET", `/replays/${replayId}`)).body).toMatchObject({ status: "done", replayed: 6 }), 90_000);
  for (const job of jobs) expect(await service.until(job, "succeeded")).toMatchObject({ timesReplayed: 1 });
});
