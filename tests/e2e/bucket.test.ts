// A stage that must stop while its artifacts are on their way to the bucket.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, newUser, startWorker, story, type Worker } from "./worker";

let worker: Worker;
beforeAll(async () => {
  worker = await startWorker({ LEASE_SECONDS: "8" }, [], "tests/e2e/late-bucket.js");
});
afterAll(() => worker.close());

test("nothing of a deleted user is left by uploads that were under way", async () => {
  const userId = newUser("theo");
  const uploads = (what: string) => worker.lines().filter((line) => line.includes(`upload ${what}: stories/${userId}/`));
  await worker.accept(story(userId, { scenes: 10 }));
  await eventually(() => expect(uploads("starts")).toHaveLength(6));
  expect(uploads("lands")).toEqual([]);
  await eventually(async () => expect(await worker.send("DELETE", `/users/${userId}`)).toMatchObject({ status: 204 }));
  await eventually(() => expect(uploads("lands")).toHaveLength(6));

  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  const { objects } = await ARTIFACTS.list({ prefix: `stories/${userId}/` });
  expect(objects).toEqual([]);
  expect(uploads("starts"), "none starts once the stage must stop").toHaveLength(6);
});
