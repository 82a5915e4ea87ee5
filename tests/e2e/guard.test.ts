// The guard against abuse: submissions of one user, and failed credentials and signatures of one address.

import { isDeepStrictEqual } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { mail } from "./site";
import { SECRET, claims, hmac, token, tokenOf } from "./tokens";
import { eventually, newUser, startWorker, story, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const CLOSED = {
  AUTH: "credentials", SERVICE_KEYS: KEY, JWT_SECRET: SECRET, SUBMIT_RATE_LIMIT: "on", LOG_FORMAT: "json",
  STRIPE_WEBHOOK_SECRETS: "whsec_of_the_endpoint_in_this_test_0123456789",
};

let worker: Worker;
beforeAll(async () => { worker = await startWorker(CLOSED); });
afterAll(() => worker.close());

const LIMITED = { status: 429, body: { type: "urn:story-queue:problem:rate-limited" } };

// The local limiter counts from one full minute to the next.
const untilTheMinuteHasRoom = () => eventually(() => expect(Date.now() % 60_000).toBeLessThan(45_000));

test("the guard against abuse limits the submissions of a user, and never a service key", async () => {
  await untilTheMinuteHasRoom();
  const userId = newUser("mara");
  // An empty body costs nothing to refuse, and counts.
  const status = async (credential: string) => (await worker.as(credential).post("")).status;
  const many = (credential: string) => Promise.all(Array.from({ length: 130 }, () => status(credential)));
  const statuses = await many(tokenOf(userId));
  expect(statuses.filter((status) => status === 400)).toHaveLength(120);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
  const answer = await worker.as(tokenOf(userId)).submit(story(userId));
  expect(answer).toMatchObject(LIMITED);
  expect(answer.headers.get("retry-after")).toBe("60");
  expect(await status(tokenOf(newUser("theo")))).toBe(400);
  expect(new Set(await many(KEY))).toEqual(new Set([400]));
  const requestId = answer.headers.get("x-request-id");
  const refusal = { event: "refused", what: "a submission", route: "POST /create-story", userId, reason: "too many within one minute", requestId };
  await eventually(() => expect(worker.lines()).toContainEqual(expect.toSatisfy((line: string) => {
    try {
      return isDeepStrictEqual(JSON.parse(line), refusal);
    } catch {
      return false;
    }
  })));
});

test("a purge counts as a submission, and a mere cancellation does not", async () => {
  await untilTheMinuteHasRoom();
  const userId = newUser("mara");
  const as = worker.as(tokenOf(userId));
  const path = `/users/${userId}/jobs/018bcfe5-6800-7000-8000-000000000000`;
  const many = (query: string) => Promise.all(Array.from({ length: 130 }, async () => (await as.send("DELETE", path + query)).status));
  expect(new Set(await many(""))).toEqual(new Set([404]));
  const statuses = await many("?purge=true");
  expect(statuses.filter((status) => status === 404)).toHaveLength(120);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});

test("failed credentials of one address are limited, and a good one from there is still served", async () => {
  await untilTheMinuteHasRoom();
  const read = (address: string, authorization: string) =>
    worker.send("GET", "/users/mara", { headers: { authorization, "cf-connecting-ip": address } });
  const guesses = await Promise.all(Array.from({ length: 130 }, (_, index) => index % 2 === 0
    ? read("203.0.113.7", `Bearer guess-${index}`)
    : read("203.0.113.7", `Bearer ${token({ alg: "HS256" }, claims("mara"), hmac(`guess-${index}`))}`)));
  expect(guesses.filter(({ status }) => status === 401)).toHaveLength(120);
  const limited = guesses.filter(({ status }) => status === 429);
  expect(limited).toHaveLength(10);
  const unsigned = () => worker.send("POST", "/webhooks/stripe", { body: "{}", headers: { "stripe-signature": "t=1,v1=0", "cf-connecting-ip": "203.0.113.7" } });
  limited.push(await read("203.0.113.7", `Bearer ${tokenOf("mara", { exp: 1 })}`), await read("203.0.113.7", "Basic eDp5"), await unsigned());
  // Every answer is the same, whatever was wrong.
  expect(new Set(limited.map(({ bytes }) => bytes.toString())).size).toBe(1);
  for (const answer of limited) {
    expect(answer).toMatchObject(LIMITED);
    expect(answer.headers.get("retry-after")).toBe("60");
    expect(answer.headers.get("www-authenticate")).toBeNull();
  }
  for (const credential of [KEY, tokenOf("mara")]) {
    expect(await read("203.0.113.7", `Bearer ${credential}`)).toMatchObject({ status: 200 });
  }
  // Whoever sends none is told that it is needed, and other addresses are not concerned.
  expect(await worker.send("GET", "/users/mara", { headers: { "cf-connecting-ip": "203.0.113.7" } })).toMatchObject({ status: 401 });
  expect(await read("203.0.113.8", "Bearer another-guess")).toMatchObject({ status: 401 });
});

test("webhook signatures that fail are limited, too", async () => {
  await untilTheMinuteHasRoom();
  const statuses = await Promise.all(Array.from({ length: 130 }, async (_, index) => {
    const headers = { "stripe-signature": `t=${Math.floor(Date.now() / 1000)},v1=${"0".repeat(64)}`, "cf-connecting-ip": `2001:db8::${index}` };
    return (await worker.send("POST", "/webhooks/stripe", { body: "{}", headers })).status;
  }));
  expect(statuses.filter((status) => status === 400)).toHaveLength(120);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});

test("in open mode, mails count for the address that they come from, whoever they are said to be for", async () => {
  await worker.crash({ AUTH: "open", SUBMIT_RATE_LIMIT: "on", LOG_FORMAT: "json" });
  await untilTheMinuteHasRoom();
  const headers = { "content-type": "message/rfc822", "cf-connecting-ip": "203.0.113.9" };
  const statuses = await Promise.all(Array.from({ length: 130 }, async () =>
    (await worker.send("POST", `/create-episode?userId=${newUser("anybody")}`, { body: mail("Short", { text: "Too short." }), headers })).status));
  expect(statuses.filter((status) => status === 422)).toHaveLength(120);
  expect(statuses.filter((status) => status === 429)).toHaveLength(10);
});
