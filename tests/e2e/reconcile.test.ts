// A lost webhook is mended: the account is compared with what Stripe lists, which here is a small stand-in on loopback.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import Stripe from "stripe";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ownStorage } from "./stored";
import { eventually, newUser, startWorker, type Json, type Worker } from "./worker";

const SECRET = "whsec_of_the_endpoint_in_this_test_0123456789";
const KEY = "rk_test_of_the_stand_in_for_stripe_0123456789";
const SERVICE = "a-service-key-of-the-back-end-in-this-test";
const PRICES = { price_two: "tier2", price_four: "tier4" };

/** What the stand-in lists, oldest first. */
let subscriptions: Json[] = [];
let asked: URL[] = [];
/** Answers instead of the list, after so many pages. */
let fault: ((response: ServerResponse) => unknown) | null = null;
let goodPages = 0;

/** Stripe's list route as its reference describes it: newest first, so many a page, after the one that is named. */
const list = (request: IncomingMessage, response: ServerResponse) => {
  const url = new URL(request.url!, "http://stripe.example");
  asked.push(url);
  const { authorization, "stripe-version": version } = request.headers;
  if (authorization !== `Bearer ${KEY}` || version !== Stripe.API_VERSION) return void response.writeHead(401).end("{}");
  if (fault && asked.length > goodPages) return void fault(response);
  const { customer, status, limit, starting_after: after } = Object.fromEntries(url.searchParams);
  expect({ method: request.method, path: url.pathname, status }).toEqual({ method: "GET", path: "/v1/subscriptions", status: "all" });
  const all = subscriptions.filter((item) => item.customer === customer).reverse();
  const from = after === undefined ? 0 : all.findIndex(({ id }) => id === after) + 1;
  const data = all.slice(from, from + Number(limit));
  const body = { object: "list", url: "/v1/subscriptions", has_more: from + data.length < all.length, data };
  response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body));
};

const server = createServer(list);
let worker: Worker;
let vars: Record<string, string>;
const stored = ownStorage();
beforeAll(async () => {
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  vars = {
    AUTH: "credentials", SERVICE_KEYS: SERVICE, JWT_SECRET: "a-token-secret-that-nobody-uses-in-this-test", STRIPE_MODE: "both",
    STRIPE_WEBHOOK_SECRETS: SECRET, PLANS: JSON.stringify({ prices: PRICES }),
    STRIPE_API_KEY: KEY, STRIPE_API_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  };
  worker = await startWorker(vars);
});
afterAll(async () => {
  await worker.close();
  stored.remove();
  server.closeAllConnections();
  server.close();
});
beforeEach(() => { [subscriptions, asked, fault, goodPages] = [[], [], null, 0]; });

const now = () => Math.floor(Date.now() / 1000);
const own = (kind: string, userId: string) => `${kind}_${userId.replaceAll(/[^A-Za-z0-9]/g, "")}`;
const subscription = (userId: string, status: string, price: string, { id = own("sub", userId) } = {}) => ({
  id, object: "subscription", customer: own("cus", userId), status, livemode: false, created: now() - 86_400, metadata: { userId },
  items: { object: "list", data: [{ id: "si_1", object: "subscription_item", price: { id: price, object: "price" } }] },
});
let count = 0;
const tell = async (kind: string, object: Json, created = now() - 60) => {
  const event = { id: `evt_${count += 1}`, object: "event", type: `customer.subscription.${kind}`, created, livemode: false, data: { object } };
  const body = JSON.stringify(event);
  const header = Stripe.webhooks.generateTestHeaderString({ payload: body, secret: SECRET });
  const headers = { "content-type": "application/json", "stripe-signature": header };
  const answer = await worker.send("POST", "/webhooks/stripe", { body, headers });
  expect(answer).toMatchObject({ status: 200 });
  return answer.body.outcome;
};
const backEnd = () => worker.as(SERVICE);
const account = (userId: string) => backEnd().user(userId);
const reconcile = (userId: string) => backEnd().send("POST", `/users/${userId}/plan/reconcile`);
/** A user who pays, as a webhook said. */
const payer = async (name: string, price = "price_two") => {
  const userId = newUser(name);
  expect(await tell("created", subscription(userId, "active", price))).toBe("applied");
  return userId;
};

describe("what was lost is mended", () => {
  test("an event `deleted`", async () => {
    const userId = await payer("left");
    subscriptions = [subscription(userId, "canceled", "price_two")];
    const answer = await reconcile(userId);
    expect(answer).toMatchObject({ status: 200, body: { userId, tier: "tier1", plan: { name: "free" } } });
    expect(answer.body).toEqual(await account(userId));
  });

  test("an upgrade, at once after the last event", async () => {
    const userId = newUser("upgraded");
    await tell("created", subscription(userId, "active", "price_two"), now());
    subscriptions = [subscription(userId, "active", "price_four")];
    expect(await reconcile(userId)).toMatchObject({ status: 200, body: { tier: "tier4", plan: { name: "premium" } } });
    // What is told later wins.
    expect(await tell("updated", subscription(userId, "active", "price_two"), now())).toBe("applied");
    expect(await account(userId)).toMatchObject({ tier: "tier2" });
  });

  test("that it is not there at all", async () => {
    const userId = await payer("gone");
    expect(await reconcile(userId)).toMatchObject({ status: 200, body: { tier: "tier1" } });
  });

  test("one that stands on a later page", async () => {
    const userId = await payer("many");
    const ended = Array.from({ length: 250 }, (_, number) => subscription(userId, "canceled", "price_two", { id: `sub_old${number}` }));
    subscriptions = [subscription(userId, "active", "price_four"), ...ended];
    const { status, body } = await reconcile(userId);
    expect({ status, tier: body.tier }).toEqual({ status: 200, tier: "tier4" });
    expect(asked.map(({ searchParams }) => searchParams.get("starting_after"))).toEqual([null, "sub_old150", "sub_old50"]);
    // What had ended before anybody knew of it is not kept.
    expect(body.plan.subscriptions).toHaveLength(1);
  });
});

describe("nothing changes", () => {
  const answers: [name: string, fault: (response: ServerResponse) => unknown, why: string][] = [
    ["fails", (response) => response.writeHead(500).end("{}"), "it answered with status 500"],
    ["refuses the key", (response) => response.writeHead(401).end("{}"), "it answered with status 401"],
    ["gives garbage", (response) => response.end("<html>"), "its answer is not a list of the customer's subscriptions"],
    ["gives half a list", (response) => response.end('{"object":"list","has_more":false,"data":['), "its answer is not a list"],
    ["gives too much", (response) => response.end(" ".repeat(5 * 1024 * 1024)), "its answer is too long"],
    // Locally, what stands between a Worker and the network answers this.
    ["breaks off", (response) => response.destroy(), "it answered with status 500"],
    ["does not answer", () => {}, "it did not answer in time"],
    ["stops in the middle", (response) => response.write('{"object":"list",'), "it did not answer in time"],
  ];
  test.each(answers)("if Stripe %s", async (_, answer, why) => {
    const userId = await payer("kept");
    const before = await account(userId);
    fault = answer;
    const { status, headers, body } = await reconcile(userId);
    expect({ status, type: body.type, wait: headers.get("retry-after") })
      .toEqual({ status: 502, type: "urn:story-queue:problem:stripe-unreadable", wait: "60" });
    expect(body.detail).toContain(why);
    const line = `[Fault] a request failed: Stripe's list of subscriptions could not be read: ${why}`;
    await eventually(() => expect(worker.lines().some((found) => found.startsWith(line))).toBe(true));
    expect(await account(userId)).toEqual(before);
  }, 30_000);

  test("if the second page fails", async () => {
    const userId = await payer("half");
    const ended = Array.from({ length: 150 }, (_, number) => subscription(userId, "canceled", "price_two", { id: `sub_half${number}` }));
    subscriptions = [subscription(userId, "canceled", "price_two"), ...ended];
    const before = await account(userId);
    [fault, goodPages] = [(response) => response.writeHead(503).end(), 1];
    expect(await reconcile(userId)).toMatchObject({ status: 502 });
    expect(asked).toHaveLength(2);
    expect(await account(userId)).toEqual(before);
  });

  test("for a user whom Stripe does not know", async () => {
    const answer = await reconcile(newUser("stranger"));
    expect(answer).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:no-stripe-customer" } });
    expect(asked).toEqual([]);
  });

  test("without a service key", async () => {
    const userId = await payer("closed");
    expect(await worker.send("POST", `/users/${userId}/plan/reconcile`)).toMatchObject({ status: 401 });
    expect(await backEnd().send("GET", `/users/${userId}/plan/reconcile`)).toMatchObject({ status: 405 });
    expect(asked).toEqual([]);
  });
});

describe("once a day", () => {
  /** Has the user's time come: a row says so, in which an object is that begins anew. */
  const nextDay = async (userId: string) => {
    await stored.lookInto(worker, userId, (database) => {
      const known = JSON.parse(String(database.prepare("SELECT account FROM gate").get()!.account));
      expect(known.plan.nextReading).toBeGreaterThan(Date.now());
      expect(known.plan.nextReading).toBeLessThanOrEqual(Date.now() + 86_400_000);
      known.plan.nextReading = Date.now() + 4_000;
      database.prepare("UPDATE gate SET account = ?").run(JSON.stringify(known));
    });
    await worker.crash(vars);
    await account(userId);
  };

  test("Stripe is asked about who pays, and what was lost is mended", async () => {
    const userId = await payer("daily");
    subscriptions = [subscription(userId, "active", "price_four")];
    await nextDay(userId);
    await eventually(async () => expect(await account(userId)).toMatchObject({ tier: "tier4" }));
    expect(asked).toHaveLength(1);
  });

  test("and if it does not answer, the log says so and nothing changes", async () => {
    const userId = await payer("unlucky");
    fault = (response) => response.writeHead(500).end("{}");
    await nextDay(userId);
    const line = "[Fault] what a user pays for could not be read from Stripe; it is tried again tomorrow: it answered with status 500";
    await eventually(() => expect(worker.lines().some((found) => found.startsWith(line))).toBe(true));
    expect(await account(userId)).toMatchObject({ tier: "tier2" });
    expect(asked).toHaveLength(1);
  });
});

test("without Stripe's key there is no such thing", async () => {
  const userId = await payer("keyless");
  const { STRIPE_API_KEY: _, ...others } = vars;
  await worker.crash(others);
  expect(await reconcile(userId)).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:reconcile-not-configured" } });
  expect(await account(userId)).toMatchObject({ tier: "tier2" });
});
