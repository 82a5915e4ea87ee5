// A story goes in, artifacts come out; one key is one job.

import { afterAll, beforeAll, expect, test } from "vitest";
import { newUser, startWorker, story, type Accepted, type Worker } from "./worker";

let worker: Worker;
beforeAll(async () => { worker = await startWorker(); });
afterAll(() => worker.close());

const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);

test.concurrent("a story goes in and artifacts come out", async () => {
  const accepted = await worker.accept(story(newUser("mara"), { scenes: 3 }));
  const job = await worker.until(accepted, "succeeded");

  expect(job.stages).toEqual(["image", "audio", "video"].map((name) => (
    { name, status: "done", attempts: 1, startedAt: time, finishedAt: time }
  )));
  const moments = job.stages.flatMap(({ startedAt, finishedAt }: Accepted) => [startedAt, finishedAt]);
  expect([job.submittedAt, ...moments, job.finishedAt]).toEqual([job.submittedAt, ...moments, job.finishedAt].sort());
  expect(job).toMatchObject({ timesParked: 0, error: null, cancelRequested: false, stage: { number: 3, of: 3 } });
  expect(job.waitMs).toBe(Date.parse(job.startedAt) - Date.parse(job.submittedAt));

  const types = new Map(job.artifacts.map(({ name, contentType }: Accepted) => [name, contentType]));
  expect(Object.fromEntries(types)).toEqual({
    "frames/001.svg": "image/svg+xml",
    "frames/002.svg": "image/svg+xml",
    "frames/003.svg": "image/svg+xml",
    "captions.vtt": "text/vtt; charset=utf-8",
    "player.html": "text/html; charset=utf-8",
  });
  const beginnings: Record<string, RegExp> = { svg: /^<svg[ >]/, vtt: /^WEBVTT/, html: /^<!doctype html>/i };
  for (const { name, href, contentType, bytes } of job.artifacts) {
    const answer = await worker.send("GET", href);
    expect(answer).toMatchObject({ status: 200 });
    expect(answer.headers.get("content-type")).toBe(contentType);
    expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
    expect(answer.bytes).toHaveLength(bytes);
    expect(answer.bytes.toString()).toMatch(beginnings[name.split(".").pop()]);
  }
  const { href } = job.artifacts[0];
  const etag = (await worker.send("GET", href)).headers.get("etag")!;
  for (const held of [etag, `W/${etag}`, `"x", ${etag}`, "*"]) {
    const answer = await worker.send("GET", href, { headers: { "if-none-match": held } });
    expect(answer).toMatchObject({ status: 304, bytes: Buffer.alloc(0) });
    expect(answer.headers.get("etag")).toBe(etag);
    expect(answer.headers.get("cache-control")).toBe("private, no-cache");
  }
  expect(await worker.send("GET", href, { headers: { "if-none-match": '"x"' } })).toMatchObject({ status: 200 });
  const listed = await worker.send("GET", accepted.links.artifacts);
  expect(listed.body.artifacts).toEqual(job.artifacts);
  expect(await worker.artifact(accepted, "frames/004.svg")).toMatchObject({ status: 404 });
});

test.concurrent("the answer names the tier, the priority and where to look", async () => {
  const userId = newUser("auth0|ines@example.com");
  const { status, headers, body: accepted } = await worker.submit(story(userId, { userTier: "tier3", seriesId: "night-tales" }));
  const self = `/users/${encodeURIComponent(userId)}/jobs/${accepted.jobId}`;
  expect(status).toBe(202);
  expect(headers.get("location")).toBe(self);
  expect(headers.get("retry-after")).toBe("5");
  expect(accepted).toEqual({
    jobId: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/),
    userId,
    seriesId: "night-tales",
    status: "queued",
    tier: "tier3",
    priority: 3,
    submittedAt: time,
    links: { self, user: `/users/${encodeURIComponent(userId)}`, artifacts: `${self}/artifacts` },
  });
  expect(await worker.send("GET", self)).toMatchObject({ status: 200, body: { jobId: accepted.jobId } });
});

test.concurrent("a user without a tier is served as tier1", async () => {
  const userId = newUser("theo");
  expect(await worker.accept(story(userId))).toMatchObject({ tier: "tier1", priority: 1 });
  expect(await worker.user(userId)).toMatchObject({ tier: "tier1", priority: 1, limit: 2 });
  expect(await worker.accept(story(newUser("theo"), { userTier: null }))).toMatchObject({ tier: "tier1" });
});

test.concurrent("unknown fields inside the script and the video settings are accepted", async () => {
  const body = story(newUser("mara"));
  const accepted = await worker.accept({
    ...body,
    script: { ...body.script, mood: "calm", scenes: [{ narration: "N", camera: { pan: [1, 2] } }] },
    videoConfig: { ...body.videoConfig, hdr: true, seed: 12345678901234567890n.toString() },
  });
  await worker.until(accepted, "succeeded");
});

test.concurrent("a whole number may be written as a fraction or with an exponent", async () => {
  const body = JSON.stringify(story(newUser("mara"))).replace(":640,", ":640.0,").replace(":360", ":3.6e2");
  expect(body).toContain('{"width":640.0,"height":3.6e2}');
  const { body: accepted } = await worker.post(body);
  const job = await worker.until(accepted, "succeeded");
  const frame = await worker.artifact(accepted, job.artifacts[0].name);
  expect(frame.bytes.toString()).toContain('width="640" height="360"');
});

test.concurrent("the same story twice gives the same bytes", async () => {
  const body = story(newUser("mara"), { scenes: 2 });
  const jobs = [await worker.accept(body), await worker.accept(body)];
  const [first, second] = await Promise.all(jobs.map((job) => worker.until(job, "succeeded")));
  expect(first.jobId).not.toBe(second.jobId);
  expect(first.artifacts).toHaveLength(4);
  for (const { name } of first.artifacts) {
    const [one, other] = await Promise.all(jobs.map((job) => worker.artifact(job, name)));
    expect(one.status).toBe(200);
    expect(one.bytes.equals(other.bytes), name).toBe(true);
  }
});

test.concurrent("the same key with the same body is the same job", async () => {
  const body = story(newUser("mara"));
  const first = await worker.submit(body, "key-1");
  const { script, videoConfig, ...ids } = body;
  // Another order of the keys says the same.
  const again = await worker.submit({ videoConfig, ...ids, script }, '"key-1"');
  expect(first.headers.get("idempotent-replayed")).toBe(null);
  expect(again).toMatchObject({ status: 202, body: { jobId: first.body.jobId } });
  expect(again.headers.get("idempotent-replayed")).toBe("true");

  await worker.until(first.body, "succeeded");
  const late = await worker.submit(body, "key-1");
  expect(late).toMatchObject({ status: 202, body: { jobId: first.body.jobId, status: "succeeded" } });
  expect((await worker.jobs(body.userId)).jobs).toHaveLength(1);
});

test.concurrent("the same key with another body is refused", async () => {
  const body = story(newUser("mara"));
  const { jobId } = await worker.accept(body, "key-1");
  const other = await worker.submit({ ...body, seriesId: "another" }, "key-1");
  expect(other).toMatchObject({ status: 422, body: { type: "urn:story-queue:problem:idempotency-key-reused", status: 422 } });
  expect(other.body.detail).toContain(jobId);
  expect((await worker.jobs(body.userId)).jobs).toHaveLength(1);
});

test.concurrent("the same key of two users makes two jobs", async () => {
  const jobs = await Promise.all(["mara", "theo"].map((name) => worker.accept(story(newUser(name)), "key-1")));
  expect(jobs[0].jobId).not.toBe(jobs[1].jobId);
});

test.concurrent("fifty posts at once with one key are exactly one job", async () => {
  const body = story(newUser("mara"));
  const answers = await Promise.all(Array.from({ length: 50 }, () => worker.submit(body, "key-1")));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  expect(new Set(answers.map((answer) => answer.body.jobId)).size).toBe(1);
  expect(answers.filter(({ headers }) => headers.get("idempotent-replayed") === "true")).toHaveLength(49);
  expect((await worker.jobs(body.userId)).jobs).toHaveLength(1);

  await worker.until(answers[0].body, "succeeded");
  const started = worker.linesOf(answers[0].body).filter((line) => line.includes("Processing"));
  expect(started).toHaveLength(3);
});
