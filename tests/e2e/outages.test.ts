// A back end that is out: no attempt is spent, nobody's job fails, and work goes on as soon as it is there again.

import { afterAll, beforeAll, expect, test } from "vitest";
import { ONE_STAGE } from "./defaults";
import { eventually, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const vars = { GENERATOR: "wait", WAIT_MS: "100", GENERATOR_OUTAGES: "on", POOL_CAPACITY: "4", KINDS: ONE_STAGE };
let worker: Worker;
let bucket: Json;
beforeAll(async () => {
  worker = await startWorker(vars);
  bucket = (await worker.server.getWorker().getEnv()).ARTIFACTS;
});
afterAll(() => worker.close());

const out = (outage: Json = {}) => bucket.put("tests/outage.json", JSON.stringify(outage));
const isBack = () => bucket.delete("tests/outage.json");
const accept = (count: number): Promise<Accepted[]> =>
  Promise.all(Array.from({ length: count }, () => worker.accept(story(newUser("out")))));
const generator = async () => {
  const { body } = await worker.send("GET", "/backends");
  return body.backends.find(({ name }: Json) => name === "generator");
};
const pause = (body: Json) => worker.send("PUT", "/backends/generator/pause", {
  body: JSON.stringify(body), headers: { "content-type": "application/json" },
});
const attempts = ({ stages }: Json) => stages.map(({ attempts }: Json) => attempts);

test("jobs wait out an outage without spending an attempt, and all go on when one has succeeded", async () => {
  await out();
  const jobs = await accept(8);
  await eventually(async () => expect(await generator()).toMatchObject({ status: "out", outage: { stages: ["image"] } }));
  await eventually(async () => {
    const shown = await Promise.all(jobs.map((job) => worker.job(job)));
    for (const { status, waiting } of shown) {
      expect(status).toBe("queued");
      expect(waiting).toMatchObject({ reason: "backend", backend: "generator", by: "breaker" });
    }
  });
  await isBack();
  const done = await Promise.all(jobs.map((job) => worker.until(job, "succeeded")));
  expect(new Set(done.flatMap(attempts)), "no attempt was spent").toEqual(new Set([1]));
  expect(await generator()).toMatchObject({ status: "up", outage: null });
  expect(worker.lines()).toContainEqual("[Capacity Pool] Outage of generator began (image)");
  expect(worker.lines().some((line) => /Outage of generator ended after \d+ s/.test(line))).toBe(true);
});

test("a user whose jobs alone break the generator holds up nobody else, and their jobs end", async () => {
  const [poison, good] = [newUser("poison"), newUser("good")];
  await out({ users: poison });
  const bad = await worker.accept(story(poison, { userTier: "tier4" }));
  for (let count = 0; count < 3; count += 1) await worker.until(await worker.accept(story(good)), "succeeded");
  expect(await worker.job(bad)).toMatchObject({ status: "queued", waiting: { reason: "backend" } });
  expect(await generator()).toMatchObject({ status: "up" });
  await isBack();
  await worker.until(bad, "succeeded");
});

test("an operator pauses the generator with a reason that users see, and lets one job through", async () => {
  expect(await pause({ reason: "A new model is being loaded." })).toMatchObject({ status: 200 });
  const [one, other] = await accept(2);
  await eventually(async () => expect((await worker.job(one)).waiting).toMatchObject({
    reason: "backend", by: "operator", until: null,
    detail: "The service has paused the generator: A new model is being loaded.",
  }));
  const through = await worker.send("POST", `/users/${other.userId}/jobs/${other.jobId}/let-through`);
  expect(through).toMatchObject({ status: 200 });
  await worker.until(other, "succeeded");
  expect(await worker.job(one)).toMatchObject({ status: "queued" });
  const faulty = await pause({ until: "yesterday" });
  expect(faulty).toMatchObject({ status: 400 });
  expect(faulty.body.errors.map(({ pointer }: Json) => pointer)).toEqual(["/reason", "/until"]);
  expect(await worker.send("DELETE", "/backends/generator/pause")).toMatchObject({ status: 200 });
  await worker.until(one, "succeeded");
});
