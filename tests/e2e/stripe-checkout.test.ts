// Checkouts and payment links: the customer of Stripe becomes the user's, whichever event arrives first.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { event, newCustomer, now, own, session, startBilled, subscription, type Billed } from "./stripe";
import { eventually, newUser, type Json } from "./worker";

let worker: Billed;
beforeAll(async () => { worker = await startBilled(); });
afterAll(() => worker.close());

describe("a checkout", () => {
  test("links the customer to the user, for events without a user", async () => {
    const [userId, customer] = [newUser("mara"), newCustomer()];
    expect(await worker.outcome(event("checkout.session.completed", session(userId, { customer })))).toBe("applied");
    expect(await worker.tier(userId)).toBe("tier3");
    expect(await worker.outcome(event("customer.subscription.updated", subscription(null, "active", { customer, price: "price_studio" })))).toBe("applied");
    expect(await worker.tier(userId)).toBe("tier4");
    expect(await worker.outcome(event("customer.subscription.deleted", subscription(null, "canceled", { customer })))).toBe("applied");
    expect(await worker.tier(userId)).toBe("tier1");
  });

  test("never replaces an event of its subscription, whichever arrives first", async () => {
    const began = now() - 60;
    for (const order of [[0, 1], [1, 0]]) {
      const userId = newUser("theo");
      const events = [
        event("customer.subscription.created", subscription(userId, "active", { price: "price_studio" }), began + 50),
        event("checkout.session.completed", session(userId, { created: began }), began + 55),
      ];
      for (const index of order) await worker.outcome(events[index]);
      expect({ order, tier: await worker.tier(userId) }).toEqual({ order, tier: "tier4" });
    }
  });

  test("by a payment link gives the right tier, whichever of its two events arrives first", async () => {
    for (const order of [[0, 1], [1, 0], "at once"] as const) {
      const [userId, customer] = [newUser("ines"), newCustomer()];
      const id = own("sub", customer);
      const events = [
        event("customer.subscription.created", subscription(null, "active", { customer, price: "price_studio" })),
        event("checkout.session.completed", session(userId, { customer, subscription: id }), now() + 1),
      ];
      if (order === "at once") await Promise.all(events.map(worker.outcome));
      else for (const index of order) await worker.outcome(events[index]);
      expect({ order, tier: await worker.tier(userId) }).toEqual({ order, tier: "tier4" });
      expect(await worker.keys(`stripe-waiting/${customer}/`)).toEqual([]);
      expect(await worker.keys(`links/${userId}/`)).toHaveLength(2);
    }
  });

  test("of a stranger who names somebody else takes nothing from them, and is logged", async () => {
    const [userId, customer] = [newUser("mara"), newCustomer()];
    expect(await worker.outcome(event("customer.subscription.created", subscription(userId, "active", { price: "price_studio" })))).toBe("applied");
    const trial = (type: string, status: string) => event(`customer.subscription.${type}`, subscription(null, status, { customer }), now() + 1);
    await worker.outcome(trial("created", "trialing"));
    await worker.outcome(event("checkout.session.completed", session(userId, { customer, subscription: own("sub", customer) })));
    expect(await worker.outcome(trial("deleted", "canceled"))).toBe("applied");
    const { tier, plan } = await worker.user(userId);
    expect({ tier, ids: plan.subscriptions.map(({ id }: Json) => id), counts: plan.subscriptions.map(({ counts }: Json) => counts) })
      .toEqual({ tier: "tier4", ids: [own("sub", own("cus", userId)), own("sub", customer)], counts: [true, false] });
    await eventually(() => {
      const line = worker.lines().find((line) => line.includes(` for user ${userId}: a second customer pays for this user`));
      expect(line).toMatch(/^\[Stripe\] Event evt_\d+ /);
    });
  });

  test("that is unpaid gives nothing", async () => {
    const userId = newUser("ines");
    const unpaid = event("checkout.session.completed", session(userId, { payment_status: "unpaid" }));
    expect(await worker.outcome(unpaid)).toBe("no paid subscription");
    expect(await worker.tier(userId)).toBe("tier1");
  });
});

test("a deleted user leaves no link, and late events make no account", async () => {
  const [userId, customer] = [newUser("theo"), newCustomer()];
  const id = own("sub", customer);
  expect(await worker.outcome(event("checkout.session.completed", session(userId, { customer, subscription: id })))).toBe("applied");
  const told = (status: string, created: number, more = {}) =>
    event("customer.subscription.updated", subscription(userId, status, { customer, ...more }), created);
  expect(await worker.outcome(told("active", now() - 5))).toBe("applied");
  expect(await worker.keys("stripe-")).toContain(`stripe-customers/${customer}`);
  await eventually(async () => expect(await worker.send("DELETE", `/users/${userId}`)).toMatchObject({ status: 204 }));
  const left = async () => (await worker.keys("stripe-")).filter((key) => key.includes(userId) || key.includes(customer));
  expect(await left()).toEqual([]);
  for (const created of [now() - 5, now() + 60]) {
    expect(await worker.outcome(told("active", created))).toBe("outdated");
    expect(await worker.user(userId)).toMatchObject({ tier: "tier1", tierSource: "default", plan: null });
    expect(await left()).toEqual([]);
  }
  // Who comes back may buy again.
  expect(await worker.outcome(told("active", now() + 60, { id: `${id}again`, price: "price_studio" }))).toBe("applied");
  expect(await worker.tier(userId)).toBe("tier4");
});

test("the id of an event is logged, and not its content", () => worker.checkLines());
