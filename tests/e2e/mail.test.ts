// Mails as Email Routing brings them: whose address it is, which mails become episodes, and what the others' senders are told.

import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { mail, TEXT } from "./site";
import { SECRET, tokenOf } from "./tokens";
import { eventually, newUser, startWorker, type Json, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const EPISODES = { stages: ["process", "audio"], maxConcurrentJobs: 1, quotas: { tier1: { jobsPerMonth: 2 } } };
const VARS = {
  AUTH: "credentials", SERVICE_KEYS: KEY, JWT_SECRET: SECRET, EMAIL_DOMAIN: "mail.example", KINDS: JSON.stringify({ episode: EPISODES }),
};
const UNKNOWN = /no such address here/;

let [worker, service]: [Worker, ReturnType<Worker["as"]>] = [] as never;
const secrets: string[] = [];
beforeAll(async () => {
  worker = await startWorker(VARS);
  service = worker.as(KEY);
});
afterAll(async () => {
  expect(worker.lines(), "what is refused is logged").toContainEqual(expect.stringMatching(/ a mail refused: There is no such address here\. /));
  const said = worker.lines().filter((line) => secrets.some((secret) => line.toLowerCase().includes(secret)));
  await worker.close();
  expect(said, "lines that show an address, or what a sender wrote").toEqual([]);
});

/** Makes the user's address, as the user. */
async function addressOf(userId: string): Promise<string> {
  const { status, body } = await worker.as(tokenOf(userId)).send("POST", `/users/${userId}/email-address`);
  expect({ status, address: body.emailAddress }).toEqual({ status: 200, address: expect.stringMatching(/^[0-9a-f]{32}@mail\.example$/) });
  secrets.push(body.emailAddress.split("@")[0]);
  return body.emailAddress;
}

/** What the sender's server is told: nothing, why not, or to try again. */
async function deliver(to: string, raw: string, from = "wim@writers.example"): Promise<string | undefined> {
  const addressed = raw.replace("To: somebody@mail.example", `To: ${to}`);
  const { outcome, rejectReason } = await worker.server.getWorker<Json>().email({ from, to, raw: addressed });
  return outcome === "ok" ? rejectReason : outcome;
}
const byHttp = (query: string, raw: string, headers = {}) =>
  service.send("POST", `/create-episode?${query}`, { body: raw, headers: { "content-type": "message/rfc822", ...headers } });
const jobsOf = async (userId: string) => (await service.jobs(userId)).jobs;
const bucket = async () => (await worker.server.getWorker<Json>().getEnv()).ARTIFACTS;
const keys = async (prefix: string) => (await (await bucket()).list({ prefix })).objects.map(({ key }: Json) => key);

test("a mail becomes one episode, however often and by whichever way it comes", async () => {
  const userId = newUser("reader");
  const address = await addressOf(userId);
  const raw = mail("A letter about lamps");
  expect(await deliver(address, raw)).toBeUndefined();
  expect(await deliver(address.toUpperCase(), `Received: by another.example\r\n${raw}`)).toBeUndefined();
  const again = await byHttp(`to=${encodeURIComponent(address)}`, raw);
  expect(again.status).toBe(202);
  expect(again.headers.get("idempotent-replayed")).toBe("true");
  const [job, ...others] = await jobsOf(userId);
  expect(others).toEqual([]);
  expect(job).toMatchObject({ jobId: again.body.jobId, kind: "episode", seriesId: "mail", tier: "tier1" });
  await service.until(job, "succeeded");
  const text = (await service.artifact(job, "text.md")).bytes.toString();
  for (const part of ["A letter about lamps", "Wim", "wim@writers.example", TEXT]) expect(text).toContain(part);
  expect(await keys("unconfirmed/")).toEqual([]);
});

test("a new address ends the one before at once, and a deletion ends all", async () => {
  const userId = newUser("mover");
  const old = await addressOf(userId);
  const address = await addressOf(userId);
  expect(address).not.toBe(old);
  expect(await deliver(old, mail("Too late"))).toMatch(UNKNOWN);
  expect(await byHttp(`to=${old}`, mail("Too late"))).toMatchObject({ status: 404, body: { type: expect.stringMatching(/no-such-mailbox$/) } });
  // As a crash leaves it: what the bucket still says does not count.
  const digest = createHash("sha256").update(old.split("@")[0]!).digest("hex");
  await (await bucket()).put(`mailboxes/${digest}`, userId);
  expect(await deliver(old, mail("Too late"))).toMatch(UNKNOWN);
  expect(await deliver(address, mail("In time"))).toBeUndefined();
  expect(await jobsOf(userId)).toHaveLength(1);

  expect(await service.user(userId)).toMatchObject({ emailAddress: address });
  const { bytes } = await service.send("GET", `/users/${userId}/export`);
  expect(JSON.parse(bytes.toString().split("\n")[0]!).account).toMatchObject({ mailbox: address.split("@")[0] });
  expect(await keys(`links/${userId}/`)).toHaveLength(1);
  await eventually(async () => expect(await service.send("DELETE", `/users/${userId}`)).toMatchObject({ status: 204 }));
  expect(await keys(`links/${userId}/`)).toEqual([]);
  expect(await deliver(address, mail("Too late"))).toMatch(UNKNOWN);
  expect(await service.user(userId)).toMatchObject({ emailAddress: null });
});

describe("a mail that makes no episode", () => {
  test("is rejected in a sentence for its sender", async () => {
    const userId = newUser("strict");
    const address = await addressOf(userId);
    for (const to of ["f".repeat(32) + "@mail.example", "info@mail.example", address.replace("mail.", "other."), `x${address}`]) {
      expect(await deliver(to, mail("Hello"))).toMatch(UNKNOWN);
    }
    expect(await deliver(address, mail("Short", { text: "Twelve words are far too few." }))).toMatch(/only 6 words/);
    expect(await deliver(address, mail("Sealed", { "Content-Type": "multipart/encrypted; boundary=x" }))).toMatch(/cannot be read/);
    expect(await deliver(address, mail("Long", { text: TEXT.repeat(20_000) }))).toMatch(/more than 5 MiB/);
    expect(await jobsOf(userId)).toEqual([]);
    for (const subject of ["One", "Two"]) expect(await deliver(address, mail(subject))).toBeUndefined();
    expect(await deliver(address, mail("Three"))).toMatch(/quota of this address/);
    expect(await jobsOf(userId)).toHaveLength(2);
  });

  test("is taken silently if a program sent it", async () => {
    const userId = newUser("quiet");
    const address = await addressOf(userId);
    const cases: [Record<string, string>, string?][] = [
      [{ "Auto-Submitted": "auto-replied" }], [{ "X-Loop": "story-queue" }], [{ Precedence: "bulk" }], [{ "Return-Path": "<>" }], [{}, "<>"], [{}, address],
    ];
    for (const [headers, from] of cases) expect(await deliver(address, mail("Out of the office", headers), from), JSON.stringify(headers)).toBeUndefined();
    expect(await byHttp(`userId=${userId}`, mail("Away", { "Auto-Submitted": "auto-replied" }))).toMatchObject({ status: 200, body: { ignored: "an automatic reply" } });
    expect(await jobsOf(userId)).toEqual([]);
    expect(await deliver(address, mail("News", { "List-Id": "<news.example>", Precedence: "bulk" })), "a newsletter is welcome").toBeUndefined();
    expect(await jobsOf(userId)).toHaveLength(1);
  });

  test("by HTTP is answered with what is wrong", async () => {
    const userId = newUser("wrong");
    const [query, raw] = [`userId=${userId}&seriesId=mornings`, mail("By HTTP")];
    expect(await byHttp(query, "")).toMatchObject({ status: 422, body: { type: expect.stringMatching(/no-text$/) } });
    expect(await byHttp(query, raw, { "idempotency-key": "k" })).toMatchObject({ status: 400, body: { errors: [{ header: "Idempotency-Key" }] } });
    expect(await byHttp("", raw)).toMatchObject({ status: 400, body: { errors: [{ parameter: "userId" }] } });
    expect(await byHttp(query, TEXT.repeat(20_000))).toMatchObject({ status: 413 });
    const own = worker.as(tokenOf(userId));
    expect(await own.send("POST", `/create-episode?${query}`, { body: raw, headers: { "content-type": "message/rfc822" } })).toMatchObject({ status: 403 });
    expect(await own.send("POST", "/users/somebody/email-address")).toMatchObject({ status: 404 });
    expect(await byHttp(query, raw)).toMatchObject({ status: 202, body: { seriesId: "mornings" } });
  });

  test("is tried again if what is wrong may pass, and refused where no mail is taken", async () => {
    const userId = newUser("patient");
    const [address, raw] = [await addressOf(userId), mail("Once more")];
    await worker.crash({ ...VARS, LEASE_SECONDS: "ten" });
    expect(await deliver(address, raw)).toBe("exception");
    const { EMAIL_DOMAIN, ...without } = VARS;
    await worker.crash(without);
    expect(await deliver(address, raw)).toMatch(/No mail is taken/);
    const refused = await service.send("POST", `/users/${userId}/email-address`);
    expect(refused).toMatchObject({ status: 404, body: { type: expect.stringMatching(/email-not-configured$/), detail: expect.stringContaining("EMAIL_DOMAIN") } });
    await worker.crash(VARS);
    expect(await deliver(address, raw)).toBeUndefined();
    expect(await jobsOf(userId)).toHaveLength(1);
  });
});
