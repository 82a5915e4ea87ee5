// Stripe's webhook: events signed by Stripe's own library are applied, and any change to them is refused.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OLD_SECRET, SECRET, VARS, event, now, signed, startBilled, subscription, type Billed } from "./stripe";
import { eventually, newUser, story, type Json } from "./worker";

let worker: Billed;
beforeAll(async () => { worker = await startBilled(); });
afterAll(() => worker.close());

describe("the signature", () => {
  const body = JSON.stringify(event("invoice.paid", { id: "in_1" }));

  test("of Stripe's library is accepted, under either secret and among others", async () => {
    const right = signed(body);
    const [time, v1] = right.split(",");
    for (const header of [
      right,
      signed(body, { secret: OLD_SECRET }),
      `${time},v1=${"0".repeat(64)},${v1},v0=x`,
      signed(body, { timestamp: now() - 295 }),
      signed(body, { timestamp: now() + 295 }),
    ]) {
      expect(await worker.deliver(body, header)).toMatchObject({ status: 200, body: { outcome: "event type ignored" } });
    }
  });

  const right = signed(body);
  const [, time, v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(right)!;
  const table: [name: string, body: string, header: string | null, why: RegExp][] = [
    ["none", body, null, /Stripe-Signature header is missing/],
    ["empty", body, "", /./],
    ["another body", `${body} `, right, /no v1 signature matches/],
    ["an empty body", "", right, /no v1 signature matches/],
    ["the body formatted differently", JSON.stringify(JSON.parse(body), null, 1), right, /no v1 signature matches/],
    ["another time", body, right.replace(time, `${Number(time) + 1}`), /no v1 signature matches/],
    ["no time", body, `v1=${v1}`, /no time/],
    ["no v1", body, `t=${time},v0=${v1}`, /no v1 signature/],
    ["in upper case", body, `t=${time},v1=${v1.toUpperCase()}`, /no v1 signature matches/],
    ["cut off", body, `t=${time},v1=${v1.slice(0, -1)}`, /no v1 signature matches/],
    ["too long", body, `${right}0`, /no v1 signature matches/],
    ["with one digit changed", body, right.replace(/.$/, (digit) => (digit === "0" ? "1" : "0")), /no v1 signature matches/],
    ["with another secret", body, signed(body, { secret: "whsec_of_somebody_elses_endpoint_01234567" }), /no v1 signature matches/],
    ["with the secret without its prefix", body, signed(body, { secret: SECRET.slice(6) }), /no v1 signature matches/],
    ["too old", body, signed(body, { timestamp: now() - 330 }), /more than 300 seconds/],
    ["from the future", body, signed(body, { timestamp: now() + 4_000 }), /more than 300 seconds/],
  ];
  test.each(table)("is refused: %s", async (_, body, header, why) => {
    const answer = await worker.deliver(body, header);
    expect(answer).toMatchObject({ status: 400, body: { type: "urn:story-queue:problem:bad-signature", detail: expect.stringMatching(why) } });
  });

  test("is logged without the body if it is refused", async () => {
    await eventually(() => {
      const found = worker.lines().filter((line) => line.startsWith("[Access] a Stripe event refused: "));
      expect(found.length).toBeGreaterThanOrEqual(table.length);
    });
    expect(worker.lines().filter((line) => line.includes("in_1"))).toEqual([]);
  });

  test("does not name a user in disguise", async () => {
    const metadata = { userId: { "$serde_json::private::RawValue": '"mara"' } };
    const disguised = { ...subscription("mara", "active"), metadata };
    const body = JSON.stringify(event("customer.subscription.updated", disguised));
    expect(await worker.deliver(body, signed(body))).toMatchObject({ status: 400, body: { type: "urn:story-queue:problem:bad-event" } });
  });

  test("is checked first, and a signed body that is not an event is refused", async () => {
    for (const body of ["{}", "[]", "nothing", '{"id":"evt_1","type":"x","created":"now","data":{"object":{}}}']) {
      expect(await worker.deliver(body, signed(body))).toMatchObject({ status: 400, body: { type: "urn:story-queue:problem:bad-event" } });
      expect(await worker.deliver(body, right)).toMatchObject({ status: 400, body: { type: "urn:story-queue:problem:bad-signature" } });
    }
    const huge = "x".repeat(4 * 1024 * 1024 + 1);
    expect(await worker.deliver(huge, signed(huge))).toMatchObject({ status: 413 });
    expect(await worker.send("GET", "/webhooks/stripe")).toMatchObject({ status: 405 });
  });
});

describe("a subscription", () => {
  test("gives its tier, and takes it away", async () => {
    const userId = newUser("mara");
    const at = now() - 100;
    expect(await worker.outcome(event("customer.subscription.created", subscription(userId, "incomplete"), at))).toBe("applied");
    expect(await worker.tier(userId)).toBe("tier1");
    for (const [index, [type, status, price, expected]] of [
      ["updated", "active", "price_any", "tier3"],
      ["updated", "active", "price_studio", "tier4"],
      ["paused", "paused", "price_studio", "tier1"],
      ["resumed", "active", "price_studio", "tier4"],
      ["updated", "past_due", "price_studio", "tier1"],
      ["updated", "trialing", "price_any", "tier3"],
      ["deleted", "active", "price_any", "tier1"],
    ].entries()) {
      const next = event(`customer.subscription.${type}`, subscription(userId, status, { price }), at + 1 + index);
      expect(await worker.outcome(next)).toBe("applied");
      expect({ type, status, tier: await worker.tier(userId) }).toEqual({ type, status, tier: expected });
    }
  });

  test("is the same however often and in whatever order its events arrive", async () => {
    const userId = newUser("theo");
    const at = now() - 100;
    const created = event("customer.subscription.created", subscription(userId, "incomplete"), at);
    const active = event("customer.subscription.updated", subscription(userId, "active"), at);
    const deleted = event("customer.subscription.deleted", subscription(userId, "canceled"), at + 50);
    expect(await worker.outcome(active)).toBe("applied");
    // Of the same second, and yet before it.
    expect(await worker.outcome(created)).toBe("outdated");
    expect(await worker.outcome(active)).toBe("repeated");
    expect(await worker.tier(userId)).toBe("tier3");
    expect(await worker.outcome(deleted)).toBe("applied");
    for (const old of [active, created, deleted]) expect(["repeated", "outdated"]).toContain(await worker.outcome(old));
    expect(await worker.tier(userId)).toBe("tier1");
  });

  test("without a user, of an unknown type or with an unknown status is accepted and ignored", async () => {
    const userId = newUser("ines");
    expect(await worker.outcome(event("customer.subscription.created", subscription(null, "active", { customer: "cus_x" })))).toBe("no user found");
    expect(await worker.outcome(event("customer.subscription.created", subscription("a b", "active", { customer: "cus_x" })))).toBe("no user found");
    expect(await worker.outcome(event("customer.subscription.updated", subscription(userId, "on_fire")))).toBe("unknown status");
    expect(await worker.outcome(event("customer.subscription.trial_will_end", subscription(userId, "active")))).toBe("event type ignored");
    expect(await worker.tier(userId)).toBe("tier1");
    const line = await eventually(() => {
      const line = worker.lines().find((line) => line.endsWith("(customer.subscription.created): no user found"));
      expect(line).toBeDefined();
      return line!;
    });
    expect(line).toMatch(/^\[Stripe\] Event evt_\d+ /);
  });
});

test("an upgrade reprices waiting jobs, and a higher tier in a request is refused", async () => {
  const userId = newUser("mara");
  const jobs = await Promise.all(Array.from({ length: 5 }, () => worker.accept(story(userId, { scenes: 20 }))));
  await eventually(async () => expect(await worker.user(userId)).toMatchObject({ active: 2, parked: 3 }));
  expect(await worker.outcome(event("customer.subscription.updated", subscription(userId, "active")))).toBe("applied");
  for (const job of jobs) expect(await worker.job(job)).toMatchObject({ tier: "tier3", priority: 3 });
  await eventually(async () => expect(await worker.user(userId)).toMatchObject({ limit: 10, parked: 0 }));
  const raised = await worker.submit(story(userId, { userTier: "tier4" }));
  expect(raised).toMatchObject({ status: 403, body: { type: "urn:story-queue:problem:tier-not-entitled" } });
  for (const job of jobs) await worker.until(job, "succeeded");
});

test("the id of an event is logged, and not its content", () => worker.checkLines());

test("without a secret the answer says what to set", async () => {
  await worker.crash({});
  const body = JSON.stringify(event("invoice.paid", {}));
  const answer = await worker.deliver(body, signed(body));
  expect(answer).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:webhook-not-configured" } });
  expect(answer.body.detail).toContain("STRIPE_WEBHOOK_SECRETS");
});

describe("an event that is not for this service", () => {
  const MEBIBYTE = 1024 * 1024;
  const large = (userId: string, bytes: number) => ({ ...subscription(userId, "active"), description: "d".repeat(bytes) });

  beforeAll(() => worker.crash({ ...VARS, LOG_FORMAT: "text" }));

  test("is ignored if its type is not used, up to 4 MiB, and only if it is signed", async () => {
    for (const bytes of [300_000, 4 * MEBIBYTE - 1_000]) {
      const body = JSON.stringify(event("invoice.paid", { id: "in_1", description: "d".repeat(bytes) }));
      expect(await worker.deliver(body, signed(body))).toMatchObject({ status: 200, body: { outcome: "event type ignored" } });
      const header = signed(body, { secret: "whsec_of_somebody_elses_endpoint_01234567" });
      expect(await worker.deliver(body, header)).toMatchObject({ status: 400, body: { type: "urn:story-queue:problem:bad-signature" } });
    }
    const huge = JSON.stringify(event("invoice.paid", { description: "d".repeat(4 * MEBIBYTE) }));
    expect(await worker.deliver(huge, signed(huge))).toMatchObject({ status: 413, body: { type: "urn:story-queue:problem:body-too-large" } });
    // The time is looked at before the body.
    expect(await worker.deliver(huge, signed(huge, { timestamp: now() - 400 }))).toMatchObject({ status: 400 });
  });

  test("but a large one about a subscription is applied", async () => {
    const userId = newUser("mara");
    const items = Array.from({ length: 2_000 }, (_, index) => ({ id: `si_${index}`, price: { id: "price_studio", nickname: "n".repeat(300) } }));
    const object = { ...large(userId, 300_000), items: { object: "list", data: items } };
    expect(await worker.outcome(event("customer.subscription.updated", object))).toBe("applied");
    expect(await worker.tier(userId)).toBe("tier4");
  });

  test("is answered and logged, and changes nothing, if it is of another mode or account", async () => {
    const of = (userId: string, members: Json) => ({ ...event("customer.subscription.updated", subscription(userId, "active")), ...members });
    for (const [vars, members, expected] of [
      [{}, { livemode: false }, "applied"],
      [{}, { livemode: true }, "applied"],
      [{}, { account: "acct_2" }, "event of another account ignored"],
      [{ STRIPE_ACCOUNTS: "acct_1,acct_2" }, { account: "acct_2" }, "applied"],
      [{ STRIPE_MODE: "live" }, { livemode: false }, "test event ignored"],
      [{ STRIPE_MODE: "live" }, { livemode: true }, "applied"],
      [{ STRIPE_MODE: "test" }, { livemode: true }, "live event ignored"],
    ] as [Record<string, string>, Json, string][]) {
      await worker.crash({ ...VARS, ...vars });
      const userId = newUser("theo");
      const next = of(userId, members);
      expect({ vars, outcome: await worker.outcome(next) }).toEqual({ vars, outcome: expected });
      expect(await worker.tier(userId)).toBe(expected === "applied" ? "tier3" : "tier1");
      const line = `[Stripe] Event ${next.id} (customer.subscription.updated)${expected === "applied" ? ` for user ${userId}` : ""}: ${expected}`;
      await eventually(() => expect(worker.lines()).toContain(line));
    }
  });

  test("is ignored in test mode where callers need credentials, unless a setting says otherwise", async () => {
    const KEY = "service-key-of-the-back-end-0123456789abcdef";
    for (const [mode, expected] of [["auto", "test event ignored"], ["both", "applied"]]) {
      await worker.crash({ ...VARS, AUTH: "credentials", SERVICE_KEYS: KEY, STRIPE_MODE: mode });
      expect(await worker.outcome(event("customer.subscription.updated", subscription(newUser("ines"), "active")))).toBe(expected);
    }
  });
});
