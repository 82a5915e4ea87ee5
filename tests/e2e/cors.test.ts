// Pages of other origins: those that are listed may submit an episode and follow it, and nobody may do anything else.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TEXT } from "./site";
import { eventually, newUser, startWorker, type Answer, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const ORIGINS = ["https://app.example.com", "chrome-extension://abcdefghijklmnopabcdefghijklmnop"];
const VARS = { AUTH: "credentials", SERVICE_KEYS: KEY, SUBMIT_RATE_LIMIT: "off" };

let worker: Worker;
beforeAll(async () => { worker = await startWorker({ ...VARS, CORS_ORIGINS: ORIGINS.join(", ") }); });
afterAll(() => worker.close());

const ask = (method: string, path: string, origin?: string, body?: string) => worker.as(KEY).send(method, path, {
  body, headers: { ...(origin === undefined ? {} : { origin }), "content-type": "application/json" },
});
const preflight = (path: string, origin: string) => worker.send("OPTIONS", path, {
  headers: { origin, "access-control-request-method": "POST", "access-control-request-headers": "authorization,content-type" },
});
const allowed = ({ headers }: Answer) => [...headers.keys()].filter((name) => name.startsWith("access-control-"));
const episode = (userId: string) => JSON.stringify({ userId, seriesId: "s", source: { type: "paste", text: TEXT } });

describe.each(ORIGINS)("a page of %s", (origin) => {
  test("may submit an episode and follow it", async () => {
    const asked = await preflight("/create-episode", origin);
    expect(asked).toMatchObject({ status: 204, bytes: Buffer.alloc(0) });
    expect(Object.fromEntries(asked.headers)).toMatchObject({
      "access-control-allow-origin": origin, "access-control-allow-methods": "POST",
      "access-control-allow-headers": "authorization, content-type, idempotency-key, if-none-match, if-range, last-event-id, prefer, range", vary: "origin",
    });
    const userId = newUser("cors");
    const answer = await ask("POST", "/create-episode", origin, episode(userId));
    expect(answer).toMatchObject({ status: 202 });
    const { self, artifacts } = answer.body.links;
    await eventually(async () => expect(await ask("GET", self, origin)).toMatchObject({ body: { status: "succeeded" } }));
    for (const path of [self, artifacts, `${artifacts}/page.html`]) {
      expect((await preflight(path, origin)).headers.get("access-control-allow-methods")).toBe("GET");
      const read = await ask("GET", path, origin);
      expect(read.status, path).toBe(200);
      expect(read.headers.get("access-control-allow-origin")).toBe(origin);
      expect(read.headers.get("access-control-allow-credentials")).toBeNull();
    }
    expect((await preflight(`${artifacts}/page.html/link`, origin)).headers.get("access-control-allow-methods")).toBe("GET, POST");
  });

  test("is told what is wrong", async () => {
    for (const answer of [await ask("POST", "/create-episode", origin, "{}"), await worker.send("POST", "/create-episode", { headers: { origin } })]) {
      expect([400, 401]).toContain(answer.status);
      expect(answer.headers.get("access-control-allow-origin")).toBe(origin);
      expect(answer.headers.get("vary")).toBe("origin");
    }
  });

  test.each(["/create-story", "/users/u", "/users/u/jobs", "/users/u/plan", "/tiers", "/dead-letters", "/nowhere"])("may not ask for %s", async (path) => {
    const asked = await preflight(path, origin);
    expect([404, 405]).toContain(asked.status);
    expect([...allowed(asked), ...allowed(await ask("GET", path, origin))]).toEqual([]);
  });
});

test.each(["https://evil.example", "https://app.example.com.evil.example", "http://app.example.com", "null", "*", undefined])("a page of %s is told nothing", async (origin) => {
  const answers = [await ask("POST", "/create-episode", origin, "{}"), await preflight("/create-episode", origin ?? "")];
  expect(answers.map(({ status }) => status)).toEqual([400, 405]);
  for (const answer of answers) {
    expect(allowed(answer)).toEqual([]);
    expect(answer.headers.get("vary")).toBe("origin");
  }
});

test("without a list there is no CORS", async () => {
  await worker.crash(VARS);
  const answer = await ask("POST", "/create-episode", ORIGINS[0], "{}");
  expect([answer.status, allowed(answer), answer.headers.get("vary")]).toEqual([400, [], null]);
  expect(await preflight("/create-episode", ORIGINS[0]!)).toMatchObject({ status: 405 });
});

test("in open mode only an own or a listed page changes something", async () => {
  await worker.crash({ ...VARS, AUTH: "open", CORS_ORIGINS: ORIGINS[0]! });
  // What a browser sends for a form of any page, without asking first.
  const submit = (origin?: string) => {
    const body = new FormData();
    for (const [name, value] of Object.entries({ userId: newUser("cors"), seriesId: "s", file: new Blob([TEXT], { type: "text/plain" }) })) body.append(name, value);
    return fetch(new URL("/create-episode", worker.url), { method: "POST", body, headers: origin === undefined ? {} : { origin } });
  };
  for (const origin of [undefined, new URL(worker.url).origin, ORIGINS[0]!]) {
    expect((await submit(origin)).status, origin).toBe(202);
  }
  for (const origin of ["https://evil.example", "http://localhost:1", "null"]) {
    const refused = await submit(origin);
    expect(refused.status, origin).toBe(403);
    expect(await refused.json()).toMatchObject({ type: "urn:story-queue:problem:forbidden", detail: expect.stringContaining("CORS_ORIGINS") });
    expect(await worker.send("DELETE", "/users/u", { headers: { origin } })).toMatchObject({ status: 403 });
    expect(await worker.send("GET", "/tiers", { headers: { origin } })).toMatchObject({ status: 200 });
  }
});

test.each(["*", "https://app.example.com/", "http://app.example.com"])("the origin %s is a faulty setting", async (origin) => {
  await worker.crash({ ...VARS, CORS_ORIGINS: origin });
  expect(await ask("GET", "/tiers")).toMatchObject({ status: 500 });
  await eventually(() => expect(worker.lines().some((line) => line.includes("CORS_ORIGINS[0]: is"))).toBe(true));
});
