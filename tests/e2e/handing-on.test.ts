// A delivery goes on with what it frees: no ticket travels for a next stage, a freed lease or a freed slot.

import { afterAll, beforeAll, expect, test } from "vitest";
import { newUser, startWorker, story, type Json, type Worker } from "./worker";

let worker: Worker;
beforeAll(async () => {
  worker = await startWorker({ POOL_CAPACITY: "1", STORYBOARD_PACE_MS: "200", LOG_FORMAT: "json", LOG_COSTS: "on" });
});
afterAll(() => worker.close());

const events = (): Json[] => worker.lines().filter((line) => line.startsWith("{")).map((line) => JSON.parse(line));

test("each job costs one message, however many stages it has and whatever it waited for", async () => {
  const userId = newUser("busy");
  // One has the slot, one waits for it, and one is at its user's limit; another user's waits for the slot, too.
  const own = await Promise.all([1, 2, 3].map(() => worker.accept(story(userId))));
  const jobs = [...own, await worker.accept(story(newUser("other"), { userTier: "tier2" }))];
  const done = await Promise.all(jobs.map((job) => worker.until(job, "succeeded")));
  expect(done.map(({ timesParked }: Json) => timesParked).sort()).toEqual([0, 0, 0, 1]);
  const deliveries = events().filter(({ event, queue }) => event === "delivery" && queue === "stories");
  expect(deliveries.reduce((sum, { messages }) => sum + messages, 0)).toBe(jobs.length);
  expect(events().filter(({ event }) => event === "ticketResent")).toEqual([]);
  const starts = events().filter(({ event }) => event === "started");
  expect(starts).toHaveLength(3 * jobs.length);
  for (const { attempt } of starts) expect(attempt).toBe(1);
});
