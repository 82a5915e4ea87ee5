// A bucket that is late, and one that holds what is old.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, newUser, startWorker, story, type Worker } from "./worker";

let worker: Worker;
beforeAll(async () => {
  worker = await startWorker({ LEASE_SECONDS: "8" }, [], "tests/e2e/bucket.js");
});
afterAll(() => worker.close());

test("nothing of a deleted user is left by uploads that were under way", async () => {
  const userId = newUser("theo");
  const uploads = (what: string) => worker.lines().filter((line) => line.includes(`upload ${what}: stories/${userId}/`));
  await worker.accept(story(userId, { scenes: 10 }));
  await eventually(() => expect(uploads("starts"), "all scenes in one").toHaveLength(1));
  expect(uploads("lands")).toEqual([]);
  await eventually(async () => expect(await worker.send("DELETE", `/users/${userId}`)).toMatchObject({ status: 204 }));
  await eventually(() => expect(uploads("lands")).toHaveLength(1));

  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  const { objects } = await ARTIFACTS.list({ prefix: `stories/${userId}/` });
  expect(objects).toEqual([]);
});

test("the daily run deletes what has waited for a user for a day", async () => {
  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  const facts = ["0000000000000-old", "young"].flatMap((age) =>
    Array.from({ length: 4 }, (_, index) => `stripe-waiting/cus_${index}/evt_${age}`));
  for (const key of facts) await ARTIFACTS.put(key, "");
  expect(await worker.server.getWorker().scheduled({ cron: "23 4 * * *" })).toMatchObject({ outcome: "ok" });
  const { objects } = await ARTIFACTS.list({ prefix: "stripe-waiting/" });
  expect(objects.map(({ key }: { key: string }) => key)).toEqual(facts.filter((key) => key.endsWith("young")));
});

test("the daily run deletes texts whose jobs were never recorded, and no others", async () => {
  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  // The bucket says that what has this name is old.
  const userId = newUser("u_0000000000000-old");
  const { jobId } = await worker.accept(story(userId));
  const unknown = ["018bcfe5-6800-7707-8707-070707070707", "018bcfe5-6800-7707-8707-070707070708"];
  const young = newUser("young");
  const stored = [...unknown, jobId].map((job) => [userId, job]).concat([[young, "ffffffff-6800-7707-8707-070707070707"]]);
  const source = ([user, job]: string[]) => `stories/${user}/${job}/source`;
  for (const [user, job] of stored) {
    await ARTIFACTS.put(`unconfirmed/${job}/${user}`, "");
    await ARTIFACTS.put(source([user!, job!]), "text");
  }
  expect(await worker.server.getWorker().scheduled({ cron: "23 4 * * *" })).toMatchObject({ outcome: "ok" });
  const left = await Promise.all(stored.map(async (one) => (await ARTIFACTS.head(source(one))) !== null));
  expect(left, "two of no job, a recorded one, and one that may yet be recorded").toEqual([false, false, true, true]);
  const { objects } = await ARTIFACTS.list({ prefix: "unconfirmed/" });
  expect(objects.map(({ key }: { key: string }) => key)).toEqual([`unconfirmed/ffffffff-6800-7707-8707-070707070707/${young}`]);
});

test("the daily run deletes old records of dead letters, page by page, and keeps young ones", async () => {
  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  const young = "dead-letters/1700000000000-young";
  const old = Array.from({ length: 7 }, (_, index) => `dead-letters/0000000000000-${index}`);
  for (const key of [young, ...old]) await ARTIFACTS.put(key, "body");
  const run = () => worker.server.getWorker().scheduled({ cron: "23 4 * * *" });
  expect(await run()).toMatchObject({ outcome: "ok" });
  expect(worker.lines()).toContain("[Retention] 7 dead letters deleted");
  const { objects } = await ARTIFACTS.list({ prefix: "dead-letters/" });
  expect(objects.map(({ key }: { key: string }) => key)).toEqual([young]);
});
