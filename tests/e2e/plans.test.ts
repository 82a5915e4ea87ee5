// Plans, quotas, and the deletion of a user, over HTTP.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventually, whileFull, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const TIERS = { tier4: { maxParkedJobs: 2 } };
const QUOTAS = { tier1: { jobsPerMonth: 40 }, tier2: { jobsPerMonth: 2, maxChars: 100 } };
const KINDS = { story: { stages: ["image"], quotas: QUOTAS } };
const PLANS = { prices: { price_small: "tier2", price_top: "tier4" }, pastDueGraceDays: 3 };

/** Scenes of the job that holds the delivery back: ten seconds, for as many requests as a test makes meanwhile. */
const HELD = 100;

let worker: Worker;
beforeAll(async () => {
  worker = await startWorker({
    STORYBOARD_PACE_MS: "100", TIERS: JSON.stringify(TIERS), PLANS: JSON.stringify(PLANS), LEASE_SECONDS: "30",
    POOL_CAPACITY: "1", KINDS: JSON.stringify(KINDS),
  });
});
afterAll(() => worker.close());

const path = (userId: string) => `/users/${encodeURIComponent(userId)}`;
const put = (userId: string, body: Json) => worker.send("PUT", `${path(userId)}/plan`, {
  body: JSON.stringify(body), headers: { "content-type": "application/json" },
});
const setPlan = async (userId: string, body: Json) => {
  const answer = await put(userId, body);
  expect(answer).toMatchObject({ status: 200 });
  return answer.body;
};
const remove = (userId: string) => worker.send("DELETE", path(userId));
const type = (name: string) => `urn:story-queue:problem:${name}`;
const nextMonth = () => new Date(Date.UTC(new Date().getUTCFullYear(), new Date().getUTCMonth() + 1)).toISOString();

describe("a plan", () => {
  test("gives the tier, and the account shows when and by whom it was set", async () => {
    const userId = newUser("planned");
    expect(await worker.user(userId)).toMatchObject({ tier: "tier1", tierSource: "default", plan: null, planChanges: [] });
    const given = await setPlan(userId, { subscription: { status: "active" } });
    expect(given).toMatchObject({
      tier: "tier3", tierSource: "plan", limit: 10, priority: 3,
      plan: { name: "premium", accountType: "standard", subscription: { status: "active", priceId: null }, until: null },
      planChanges: [{ by: "service", from: { plan: null, tier: "tier1" }, to: { plan: "premium", status: "active", tier: "tier3" } }],
    });
    expect(await worker.user(userId)).toEqual(given);
    expect(await setPlan(userId, { subscription: { status: "past_due", priceId: "price_top" } })).toMatchObject({ tier: "tier4" });
    const { plan } = await worker.user(userId);
    expect(Date.parse(plan.until) - Date.parse(plan.subscription.since)).toBe(3 * 86_400_000);
    expect(await setPlan(userId, { accountType: "complimentary", subscription: null }))
      .toMatchObject({ tier: "tier3", plan: { name: "complimentary", subscription: null } });
  });

  test("overrides the tier in a request, which may only be lower", async () => {
    const userId = newUser("entitled");
    await setPlan(userId, { subscription: { status: "active", priceId: "price_small" } });
    const short = { script: { title: "T", scenes: [{ narration: "N" }] } };
    const refused = await worker.submit(story(userId, { userTier: "tier3", ...short }));
    expect(refused).toMatchObject({ status: 403, body: { type: type("tier-not-entitled") } });
    expect(refused.body.detail).toContain("tier2");
    expect(await worker.accept(story(userId, { userTier: "tier1", ...short }))).toMatchObject({ tier: "tier1" });
    expect(await worker.accept(story(userId, short))).toMatchObject({ tier: "tier2" });
  });

  test("that is invalid is answered with all errors at once", async () => {
    const answer = await put(newUser("faulty"), { accountType: "gold", subscription: { status: "Active", priceId: "" }, tier: "tier4" });
    expect(answer).toMatchObject({ status: 400, body: { type: type("invalid-request") } });
    expect(answer.body.errors.map(({ pointer }: Json) => pointer))
      .toEqual(["/tier", "/accountType", "/subscription/status", "/subscription/priceId"]);
  });

  test("bought with 30 parked jobs starts eight of them at once, and moves the rest to tier3", async () => {
    const userId = newUser("upgraded");
    const jobs: Accepted[] = await whileFull(worker, 1, () => Promise.all(
      Array.from({ length: 32 }, () => worker.accept(story(userId, { scenes: 2 }))),
    ), HELD);
    await eventually(async () => expect(await worker.user(userId)).toMatchObject({ active: 2, parked: 30 }));
    expect(await setPlan(userId, { subscription: { status: "active" } })).toMatchObject({ active: 10, parked: 22, limit: 10 });
    const waiting = (await worker.jobs(userId, "?status=parked&limit=100")).jobs;
    for (const job of waiting) expect(job).toMatchObject({ tier: "tier3", priority: 3 });
    const done = await Promise.all(jobs.map((job) => worker.until(job, "succeeded", 100_000)));
    expect(done.map(({ submittedAt }) => submittedAt)).toEqual(jobs.map(({ submittedAt }) => submittedAt));
    expect(done.every(({ tier }) => tier === "tier3")).toBe(true);
  }, 150_000);
});

describe("a quota", () => {
  test("of a month is exact, shows when it resets, and does not count jobs cancelled before their start", async () => {
    const userId = newUser("monthly");
    await setPlan(userId, { subscription: { status: "active", priceId: "price_small" } });
    const body = story(userId, { script: { title: "T", scenes: [{ narration: "N" }] } });
    const [first] = await whileFull(worker, 1, async () => {
      const accepted = [await worker.accept(body, "first"), await worker.accept(body)];
      const refused = await worker.submit(body);
      expect(refused).toMatchObject({
        status: 429,
        body: { type: type("quota-exceeded"), quota: "jobsPerMonth", limit: 2, used: 2, resetsAt: nextMonth() },
      });
      const left = Number(refused.headers.get("retry-after"));
      expect(Math.abs(left - (Date.parse(nextMonth()) - Date.now()) / 1000)).toBeLessThan(60);
      expect(refused.headers.get("ratelimit-policy")).toMatch(/^"jobs-per-month";q=2;w=(2419200|2505600|2592000|2678400)$/);
      expect(refused.headers.get("ratelimit")).toBe(`"jobs-per-month";r=0;t=${left}`);
      expect(await worker.submit(body, "first")).toMatchObject({ status: 202, body: { jobId: accepted[0]!.jobId } });
      expect(await worker.cancel(accepted[1]!)).toMatchObject({ status: 200 });
      expect((await worker.user(userId)).quota).toMatchObject({
        maxParkedJobs: { limit: 300, used: 1 },
        kinds: { story: { jobsPerMonth: { limit: 2, used: 1, resetsAt: nextMonth() }, maxChars: 100 } },
      });
      await worker.accept(body);
      return accepted;
    }, HELD);
    await worker.until(first!, "succeeded");
    expect(await worker.cancel(first!)).toMatchObject({ status: 200 });
    expect((await worker.user(userId)).quota.kinds.story.jobsPerMonth).toMatchObject({ used: 2 });
  });

  test("of a text's length counts what a story has of it", async () => {
    const userId = newUser("wordy");
    await setPlan(userId, { subscription: { status: "active", priceId: "price_small" } });
    const script = (narration: number) => ({ title: "é".repeat(10), scenes: [{ narration: "n".repeat(narration), imagePrompt: "p" }] });
    expect(await worker.submit(story(userId, { script: script(90) }))).toMatchObject({
      status: 422, body: { type: type("text-too-long"), quota: "maxChars", limit: 100, used: 101, resetsAt: null },
    });
    expect(await worker.submit(story(userId, { script: script(89) }))).toMatchObject({ status: 202 });
  });

  test("of waiting jobs has room again when a job starts", async () => {
    const userId = newUser("patient");
    await whileFull(worker, 1, async () => {
      const jobs = [];
      for (let n = 0; n < 2; n++) jobs.push(await worker.accept(story(userId, { userTier: "tier4" })));
      const refused = await worker.submit(story(userId, { userTier: "tier4" }));
      expect(refused).toMatchObject({ status: 429, body: { quota: "maxParkedJobs", limit: 2, used: 2, resetsAt: null } });
      expect(refused.headers.get("retry-after")).toBe("60");
      expect(refused.headers.get("ratelimit-policy")).toBe('"waiting-jobs";q=2;qu="concurrent-requests"');
      return jobs;
    }, HELD);
    await eventually(async () => expect(await worker.submit(story(userId, { userTier: "tier4" }))).toMatchObject({ status: 202 }));
  });
});

describe("deleting a user", () => {
  test("deletes jobs, artifacts, plan and keys, and then the user is unknown", async () => {
    const userId = newUser("deleted");
    await setPlan(userId, { accountType: "unlimited" });
    const done = await worker.accept(story(userId), "key");
    const { artifacts } = await worker.until(done, "succeeded");
    expect(artifacts.length).toBeGreaterThan(0);
    const running = await worker.accept(story(userId, { scenes: 100 }));
    await worker.until(running, "running");
    const queued = await worker.accept(story(userId));

    const begun = await remove(userId);
    expect(begun).toMatchObject({ status: 202, body: { userId, isBeingDeleted: true, running: 1 } });
    expect(begun.headers.get("location")).toBe(path(userId));
    expect(begun.headers.get("retry-after")).toBe("5");
    const cancelled = await worker.send("GET", `${path(userId)}/jobs/${queued.jobId}`);
    expect(cancelled.status === 404 || cancelled.body.status === "cancelled").toBe(true);
    for (const key of [undefined, "key"]) {
      expect(await worker.submit(story(userId), key)).toMatchObject({ status: 409, body: { type: type("user-being-deleted") } });
    }
    expect(await put(userId, { accountType: "standard" })).toMatchObject({ status: 409 });

    await eventually(async () => expect(await remove(userId)).toMatchObject({ status: 204 }), 45_000);
    expect((await remove(userId)).bytes).toHaveLength(0);
    expect(await worker.user(userId)).toMatchObject({ tier: "tier1", tierSource: "default", plan: null, active: 0, queued: 0 });
    expect(await worker.jobs(userId)).toEqual({ jobs: [], nextCursor: null });
    for (const job of [done, running, queued]) {
      expect(await worker.send("GET", `${path(userId)}/jobs/${job.jobId}`)).toMatchObject({ status: 404 });
    }
    expect(await worker.artifact(done, artifacts[0].name)).toMatchObject({ status: 404 });

    const again = await worker.accept(story(userId), "key");
    expect(again).toMatchObject({ tier: "tier1" });
    expect(again.jobId).not.toBe(done.jobId);
    await worker.until(again, "succeeded");
  }, 90_000);

  test("leaves nothing in the bucket", async () => {
    const userId = newUser("swept");
    const done = await worker.accept(story(userId));
    await worker.until(done, "succeeded");
    const { ARTIFACTS } = await worker.server.getWorker<Json>().getEnv();
    const keys = async () => (await ARTIFACTS.list({ prefix: `stories/${userId}/` })).objects.map(({ key }: Json) => key);
    expect((await keys()).length).toBeGreaterThan(0);
    await eventually(async () => expect(await remove(userId)).toMatchObject({ status: 204 }));
    expect(await keys()).toEqual([]);
  });

  test("who does not exist is answered as done", async () => {
    expect(await remove(newUser("nobody"))).toMatchObject({ status: 204 });
  });
});
