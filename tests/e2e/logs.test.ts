// LOG_FORMAT=json: the same events as objects, for queries.

import { afterAll, beforeAll, expect, test } from "vitest";
import { Unsaid } from "./unsaid";
import { eventually, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

let worker: Worker;
beforeAll(async () => { worker = await startWorker({ STORYBOARD_PACE_MS: "50", LOG_FORMAT: "json" }); });
afterAll(() => worker.close());

test("each event is one JSON object with the same facts", async () => {
  const userId = newUser("theo");
  const jobs = await Promise.all(Array.from({ length: 3 }, () => worker.accept(story(userId, { scenes: 10 }))));
  const done = await Promise.all(jobs.map((job) => worker.until(job, "succeeded")));
  const events: Json[] = await eventually(() => {
    const events = worker.lines().map((line) => JSON.parse(line)).filter((event) => event.userId === userId);
    expect(events.filter(({ event }) => event === "succeeded")).toHaveLength(3);
    return events;
  });

  const parkedJob = done.find(({ timesParked }) => timesParked > 0);
  expect(events.filter(({ event }) => event === "parked")).toEqual([
    { event: "parked", jobId: parkedJob.jobId, userId, kind: "story", stage: "image", tier: "tier1", priority: 1, active: 2, limit: 2 },
  ]);
  for (const { jobId, waitMs } of done) {
    const facts = (stage: string) => ({ jobId, userId, kind: "story", stage, tier: "tier1", priority: 1 });
    const active = expect.toSatisfy((count: number) => count === 1 || count === 2);
    const durationMs = expect.toSatisfy((duration: number) => duration >= 50);
    const started = (stage: string) => ({ event: "started", ...facts(stage), active, limit: 2, attempt: 1 });
    const completed = (stage: string) => ({ event: "completed", ...facts(stage), attempt: 1, durationMs });
    expect(events.filter((event) => event.jobId === jobId && event.event !== "parked")).toEqual([
      { ...started("image"), waitMs },
      completed("image"),
      started("audio"),
      completed("audio"),
      started("video"),
      completed("video"),
      { event: "succeeded", ...facts("video") },
    ]);
  }
});

test("the text of a story is never logged", async () => {
  const secret = "xyzzy";
  const body = story(newUser("mara"), { script: { title: secret, scenes: [{ narration: secret, imagePrompt: secret, note: secret }] } });
  const accepted: Accepted = await worker.accept({ ...body, videoConfig: { ...body.videoConfig, voice: secret } }, secret);
  await worker.until(accepted, "succeeded");
  await worker.post(`{"${secret}":`);
  await worker.submit({ ...body, userTier: secret });
  await eventually(() => expect(worker.linesOf(accepted).at(-1)).toContain("succeeded"));
  expect(worker.lines().filter((line) => line.includes(secret))).toEqual([]);
});

test("a secret, a credential or a body in a log line is found when the Worker is closed", () => {
  const unsaid = new Unsaid();
  unsaid.settings({ SERVICE_KEYS: "first-service-key,second-service-key", LOG_FORMAT: "json" });
  unsaid.request({
    headers: { authorization: "Bearer some-credential", "stripe-signature": "t=1,v1=0a1b2c3d4e5f" },
    body: JSON.stringify(story("mara")),
  });
  const harmless = ["[Queue Consumer] Job x succeeded", '{"event":"started","userId":"mara"}', "LOG_FORMAT: json"];
  expect(unsaid.leaks(harmless)).toEqual([]);
  for (const planted of [
    "key second-service-key", "for some-credential", "signature 0a1b2c3d4e5f", "Scene 1: the lamp is lit.", "The Lighthouse",
    'the body {"userId":"u","script":{}}', '"body":"{\\"narration\\":1}"', "whsec_x", "token eyJhbGciOiJI.eyJzdWIi", "Bearer a-credential",
  ]) expect(unsaid.leaks([...harmless, planted])).toEqual([planted]);
});
