// Events of Stripe, signed by its own library, and a Worker that gets them.

import Stripe from "stripe";
import { expect } from "vitest";
import { startWorker, type Json } from "./worker";

export const SECRET = "whsec_the_signing_secret_of_the_endpoint_0123";
export const OLD_SECRET = "whsec_the_signing_secret_it_had_before_01234";
export const VARS = {
  STRIPE_WEBHOOK_SECRETS: `${SECRET} ${OLD_SECRET}`,
  STORYBOARD_PACE_MS: "50",
  PLANS: JSON.stringify({ prices: { price_studio: "tier4" } }),
};

export const now = () => Math.floor(Date.now() / 1000);
export const signed = (payload: string, { secret = SECRET, timestamp = now() } = {}) =>
  Stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp });

let count = 0;
export const event = (type: string, object: Json, created = now()) => ({
  id: `evt_${count += 1}`, object: "event", api_version: "2026-10-28", type, created, livemode: false, pending_webhooks: 1,
  data: { object },
});
/** An id of Stripe's that only this user, or customer, has. */
export const own = (kind: string, name: string) => `${kind}_${name.replaceAll(/[^A-Za-z0-9]/g, "")}`;
export const newCustomer = () => own("cus", crypto.randomUUID());
export const subscription = (
  userId: string | null,
  status: string,
  { price = "price_any", customer = own("cus", userId ?? "x"), id = own("sub", customer) } = {},
) => ({
  id, object: "subscription", customer, status, metadata: userId === null ? {} : { userId },
  items: { object: "list", data: [{ id: "si_0", price: { id: "price_seats" } }, { id: "si_1", price: { id: price } }] },
});
export const session = (userId: string, { customer = own("cus", userId), created = now() - 60, ...more }: Json = {}) => ({
  id: "cs_1", object: "checkout.session", created, customer, client_reference_id: userId, metadata: {}, mode: "subscription",
  payment_status: "paid", customer_details: { email: "mara.somebody@example.com" }, ...more,
});

export type Billed = Awaited<ReturnType<typeof startBilled>>;

/** Starts the Worker with the secrets of Stripe's events. */
export async function startBilled() {
  const worker = await startWorker(VARS);
  /** Posts that body with that signature. */
  const deliver = (body: string, header: string | null) => worker.send("POST", "/webhooks/stripe", {
    body,
    headers: { "content-type": "application/json", ...(header === null ? {} : { "stripe-signature": header }) },
  });
  const keys = async (prefix: string): Promise<string[]> => {
    const { ARTIFACTS } = await worker.server.getWorker().getEnv();
    const { objects } = await ARTIFACTS.list({ prefix });
    return objects.map(({ key }: { key: string }) => key);
  };
  const tier = async (userId: string) => (await worker.user(userId)).tier;
  /** What became of an event, which must be accepted. */
  const outcome = async (event: Json) => {
    const body = JSON.stringify(event, null, 2);
    const answer = await deliver(body, signed(body));
    expect(answer).toMatchObject({ status: 200, body: { eventId: event.id } });
    return answer.body.outcome;
  };
  /** What is logged about events: their ids, and not their content. */
  const checkLines = () => {
    const lines = worker.lines().filter((line) => line.startsWith("[Stripe] "));
    expect(lines.length).toBeGreaterThan(10);
    expect(lines.filter((line) => /cus_|sub_|price_|@example/.test(line))).toEqual([]);
  };
  return { ...worker, deliver, outcome, keys, tier, checkLines };
}
