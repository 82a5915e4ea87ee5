// Who has access, and what a caller may do: forged tokens, other users, and the tier that a token allows.

import { createHmac } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SECRET, claims, hmac, keyPair, token, tokenOf } from "./tokens";
import { eventually, newUser, startWorker, story, type Answer, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const OLD_KEY = "service-key-that-is-being-replaced-0123456789";
const CLOSED = { AUTH: "credentials", SERVICE_KEYS: `${KEY},${OLD_KEY}`, JWT_SECRET: SECRET };
const NOBODY = "018bcfe5-6800-7000-8000-000000000000";
const HEADER = { alg: "HS256", typ: "JWT" };

let worker: Worker;
beforeAll(async () => { worker = await startWorker(CLOSED); });
afterAll(() => worker.close());

const kind = (type: string) => ({ type: `urn:story-queue:problem:${type}` });
function refused(answer: Answer, detail = /./) {
  expect(answer).toMatchObject({ status: 401, body: { ...kind("unauthenticated"), detail: expect.stringMatching(detail) } });
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("www-authenticate")).toMatch(/^Bearer realm="story-queue"/);
}

describe("without a credential", () => {
  test("only the public routes answer", async () => {
    for (const path of ["/healthz", "/tiers"]) expect(await worker.send("GET", path)).toMatchObject({ status: 200 });
    for (const [method, path] of [
      ["POST", "/create-story"], ["GET", "/users/mara"], ["GET", "/users/mara/jobs"], ["GET", `/users/mara/jobs/${NOBODY}`],
      ["DELETE", `/users/mara/jobs/${NOBODY}`], ["GET", `/users/mara/jobs/${NOBODY}/artifacts`],
      ["GET", `/users/mara/jobs/${NOBODY}/artifacts/player.html`], ["GET", "/dead-letters"],
    ]) {
      const answer = await worker.send(method, path);
      refused(answer, /no credential/);
      expect(answer.headers.get("www-authenticate")).toBe('Bearer realm="story-queue"');
    }
    refused(await worker.submit(story(newUser("mara"))), /no credential/);
  });

  test("another scheme, an incomplete one and two credentials are refused", async () => {
    for (const authorization of [KEY, `Basic ${btoa(`x:${KEY}`)}`, "Bearer", `Bearer ${KEY} ${KEY}`, `Bearer ${KEY}, Bearer ${KEY}`]) {
      refused(await worker.send("GET", "/users/mara", { headers: { authorization } }), /Authorization header is not Bearer/);
    }
  });
});

describe("a service key", () => {
  test("acts for any user and may ask for any tier, and so does the key that is being replaced", async () => {
    for (const key of [KEY, OLD_KEY]) {
      const service = worker.as(key);
      const accepted = await service.accept(story(newUser("ines"), { userTier: "tier4" }));
      expect(accepted).toMatchObject({ tier: "tier4" });
      await service.until(accepted, "succeeded");
      expect(await service.artifact(accepted, "player.html")).toMatchObject({ status: 200 });
      expect(await service.deadLetters()).toEqual([]);
    }
  });

  test("in any other form is refused", async () => {
    for (const key of [KEY.slice(1), `${KEY}x`, KEY.toUpperCase(), `${KEY},${OLD_KEY}`, "x".repeat(10_000)]) {
      const answer = await worker.as(key).send("GET", "/users/mara");
      refused(answer, /not known/);
      expect(answer.headers.get("www-authenticate")).toContain('error="invalid_token"');
    }
  });
});

describe("a user token", () => {
  test("acts for its user", async () => {
    const userId = newUser("auth0|mara");
    const mara = worker.as(tokenOf(userId));
    const accepted = await mara.accept(story(userId));
    expect(accepted).toMatchObject({ tier: "tier1", userId });
    await mara.until(accepted, "succeeded");
    expect(await mara.artifact(accepted, "player.html")).toMatchObject({ status: 200 });
    expect((await mara.jobs(userId)).jobs).toHaveLength(1);
    expect(await mara.user(userId)).toMatchObject({ userId });
    expect(await mara.cancel(accepted)).toMatchObject({ status: 200 });
  });

  test("another user's job looks like a missing one and is not cancelled", async () => {
    const [userId, other] = [newUser("mara"), newUser("theo")];
    const accepted = await worker.as(KEY).accept(story(userId, { scenes: 2 }));
    const theo = worker.as(tokenOf(other, { tier: "tier4" }));
    const job = `/users/${userId}/jobs/${accepted.jobId}`;
    for (const [method, path, absent] of [
      ["GET", job, `/users/${other}/jobs/${NOBODY}`],
      ["DELETE", job, `/users/${other}/jobs/${NOBODY}`],
      ["GET", `${job}/artifacts`, `/users/${other}/jobs/${NOBODY}/artifacts`],
      ["GET", `${job}/artifacts/player.html`, `/users/${other}/jobs/${NOBODY}/artifacts/player.html`],
      ["GET", `/users/${userId}`, `/users/${newUser("nobody")}`],
      ["GET", `/users/${userId}/jobs`, `/users/${newUser("nobody")}/jobs`],
    ]) {
      const [foreign, missing] = [await theo.send(method, path), await theo.send(method, absent)];
      expect(foreign).toMatchObject({ status: 404 });
      expect(foreign.bytes.toString()).toBe(missing.bytes.toString());
      const unheardOf = await theo.send(method, path.replace(userId, newUser("nobody")));
      expect(unheardOf.bytes.toString()).toBe(foreign.bytes.toString());
    }
    for (const path of [`/users/${userId}`, `/users/${userId}/jobs`]) {
      expect(await theo.send("GET", path)).toMatchObject({ body: { ...kind("no-such-user"), detail: "A user token shows its own user only." } });
    }
    expect(await theo.submit(story(userId))).toMatchObject({ status: 403, body: kind("forbidden") });
    await worker.as(KEY).until(accepted, "succeeded");
  });

  test("is refused on the routes for operators", async () => {
    const answer = await worker.as(tokenOf("mara", { tier: "tier4" })).send("GET", "/dead-letters");
    expect(answer).toMatchObject({ status: 403, body: kind("forbidden") });
  });

  test("may ask for a tier up to its own, and for no higher one", async () => {
    const submit = (userTier: string | undefined, tier?: string) => {
      const userId = newUser("ines");
      return worker.as(tokenOf(userId, tier ? { tier } : {})).submit(story(userId, userTier ? { userTier } : {}));
    };
    const notEntitled = { status: 403, body: kind("tier-not-entitled") };
    expect(await submit(undefined)).toMatchObject({ status: 202, body: { tier: "tier1" } });
    expect(await submit("tier2")).toMatchObject(notEntitled);
    expect(await submit(undefined, "tier3")).toMatchObject({ status: 202, body: { tier: "tier3" } });
    expect(await submit("tier2", "tier3")).toMatchObject({ status: 202, body: { tier: "tier2" } });
    expect(await submit("tier4", "tier3")).toMatchObject(notEntitled);
  });
});

describe("a token is refused", () => {
  const now = Math.floor(Date.now() / 1000);
  const good = claims("mara");
  const right = hmac(SECRET);
  const [head, body, signature] = tokenOf("mara").split(".");
  const raised = Buffer.from(JSON.stringify(claims("mara", { tier: "tier4" }))).toString("base64url");
  const sha512 = (signed: string) => createHmac("sha512", SECRET).update(signed).digest("base64url");
  const table: [name: string, token: string, detail: RegExp][] = [
    ["expired", token(HEADER, { ...good, exp: now - 1 }, right), /has expired/],
    ["without exp", token(HEADER, { sub: "mara" }, right), /exp is missing/],
    ["with exp as a string", token(HEADER, { ...good, exp: `${now + 600}` }, right), /exp is missing/],
    ["with exp as a fraction", token(HEADER, { ...good, exp: now + 600.5 }, right), /exp is missing/],
    ["with exp 1e308", token(HEADER, { ...good, exp: 1e308 }, right), /exp is missing/],
    ["with exp -1", token(HEADER, { ...good, exp: -1 }, right), /exp is missing/],
    ["with a lifetime of years", token(HEADER, { ...good, exp: now + 10 ** 8 }, right), /lifetime is too long/],
    ["not yet valid", token(HEADER, { ...good, nbf: now + 300 }, right), /in the future/],
    ["alg none", token({ alg: "none" }, good, () => ""), /alg is not the configured/],
    ["alg none with a signature", token({ alg: "none", typ: "JWT" }, good, right), /alg is not the configured/],
    ["alg HS512", token({ alg: "HS512" }, good, sha512), /alg is not the configured/],
    ["alg RS256", token({ alg: "RS256" }, good, right), /alg is not the configured/],
    ["with alg twice", `${Buffer.from('{"alg":"none","alg":"HS256"}').toString("base64url")}.${body}.${signature}`, /without repeated keys/],
    ["with a sub in disguise", token(HEADER, { ...good, sub: { "$serde_json::private::RawValue": '"mara"' } }, right), /repeated or reserved/],
    ["naming its own key", token({ ...HEADER, jwk: { kty: "oct", k: "AAAA" } }, good, hmac("")), /names a key/],
    ["with another secret", token(HEADER, good, hmac("another-secret-of-thirty-two-bytes-and-more")), /signature is invalid/],
    ["with an empty secret", token(HEADER, good, hmac("")), /signature is invalid/],
    ["without a signature", `${head}.${body}.`, /signature is invalid/],
    ["with a raised tier", `${head}.${raised}.${signature}`, /signature is invalid/],
    ["with an unknown tier", tokenOf("mara", { tier: "gold" }), /tier is not one of/],
    ["without sub", token(HEADER, { ...good, sub: undefined }, right), /sub is not a valid user id/],
    ["with sub as a list", token(HEADER, { ...good, sub: ["mara"] }, right), /sub is not a valid user id/],
    ["for an audience", tokenOf("mara", { aud: "elsewhere" }), /aud does not match/],
    ["too long", tokenOf("mara", { note: "n".repeat(7_000) }), /longer than 8 KiB/],
    ["only two dots", "..", /not a JWT/],
  ];
  test.each(table)("%s", async (_, forged, detail) => {
    refused(await worker.as(forged).send("GET", "/users/mara"), detail);
    refused(await worker.as(forged).submit(story("mara")), detail);
  });

  test("and the log says why, without the token", async () => {
    await eventually(() => {
      const found = worker.lines().filter((line) => line.startsWith("[Access] a caller refused: "));
      expect(found.length).toBeGreaterThan(2 * table.length);
      expect(found).toContain("[Access] a caller refused: the token's signature is invalid (Route: POST /create-story)");
      expect(found).toContain("[Access] a caller refused: the user token does not allow this (Route: GET /dead-letters, User: mara)");
    });
  });
});

test.each(["ES256", "EdDSA"] as const)("%s is valid under its public key only", async (alg) => {
  const [own, other] = [keyPair(alg), keyPair(alg)];
  await worker.crash({ AUTH: "credentials", JWT_ALGORITHM: alg, JWT_PUBLIC_KEY: own.pem, JWT_ISSUER: "https://id.example", JWT_AUDIENCE: "stories" });
  const userId = newUser("mara");
  const good = claims(userId, { iss: "https://id.example", aud: ["stories"] });
  const read = (forged: string) => worker.as(forged).send("GET", `/users/${userId}`);
  const header = { alg, typ: "JWT" };
  expect(await read(token(header, good, own.signer))).toMatchObject({ status: 200, body: { userId } });
  refused(await read(token(header, good, other.signer)), /signature is invalid/);
  refused(await read(token(header, good, () => "A".repeat(86))), /signature is invalid/);
  refused(await read(token(header, { ...good, iss: "https://other.example" }, own.signer)), /iss does not match/);
  refused(await read(token(header, { ...good, aud: "other" }, own.signer)), /aud does not match/);
  // The public key is public: it must not work as a secret.
  for (const known of [own.pem, own.pem.trim()]) {
    refused(await read(token({ alg: "HS256" }, good, hmac(known))), /alg is not the configured/);
    refused(await read(token(header, good, hmac(known))), /signature is invalid/);
  }
  const [head, , signature] = token(header, good, own.signer).split(".");
  const raised = Buffer.from(JSON.stringify({ ...good, tier: "tier4" })).toString("base64url");
  refused(await read(`${head}.${raised}.${signature}`), /signature is invalid/);
  // No service keys are configured here, and open mode is off.
  refused(await read(KEY), /not known/);
});

test("a public key that is not on the curve gives nobody access, and the log says so", async () => {
  const { pem, signer } = keyPair("ES256");
  const der = Buffer.from(pem.split("\n").slice(1, -2).join(""), "base64");
  der.fill(1, 27);
  await worker.crash({ AUTH: "credentials", JWT_ALGORITHM: "ES256", JWT_PUBLIC_KEY: der.toString("base64") });
  const answer = await worker.as(token({ alg: "ES256" }, claims("mara"), signer)).send("GET", "/users/mara");
  expect(answer).toMatchObject({ status: 500, body: kind("misconfigured") });
  await eventually(() => expect(worker.lines().some((line) => line.includes("refuses JWT_PUBLIC_KEY"))).toBe(true));
});

test("without configured credentials everything but /healthz is refused with what to set", async () => {
  await worker.crash({ AUTH: "credentials" });
  expect(await worker.send("GET", "/healthz")).toMatchObject({ status: 200 });
  for (const [method, path] of [
    ["GET", "/tiers"], ["GET", "/users/mara"], ["POST", "/create-story"], ["GET", "/dead-letters"], ["POST", "/webhooks/stripe"],
    ["GET", "/nothing"], ["GET", "/create-story"],
  ]) {
    const answer = await worker.as(KEY).send(method, path);
    expect(answer).toMatchObject({ status: 500, body: kind("no-credentials") });
    expect(answer.body.detail).toMatch(/SERVICE_KEYS.*JWT_SECRET.*JWT_PUBLIC_KEY/);
  }
});

test("an empty or short secret answers 500, and the log shows only its length", async () => {
  await worker.crash({ AUTH: "credentials", SERVICE_KEYS: "", JWT_SECRET: "hunter2-hunter2", MAX_ATTEMPTS: "0" });
  expect(await worker.send("GET", "/healthz")).toMatchObject({ status: 500, body: kind("misconfigured") });
  const line = await eventually(() => {
    const line = worker.lines().find((line) => line.startsWith("[Fault] the configuration is invalid: "));
    expect(line).toBeDefined();
    return line!;
  });
  expect(line).toContain("MAX_ATTEMPTS: is 0");
  expect(line).toContain("SERVICE_KEYS: is set, but empty");
  expect(line).toContain("JWT_SECRET[0]: has 15 characters, must have 32 to 512");
  expect(line).not.toContain("hunter2");
});

test("in open mode anyone acts for any user, but a wrong credential is refused", async () => {
  await worker.crash({ JWT_SECRET: SECRET });
  const userId = newUser("mara");
  expect(await worker.accept(story(userId, { userTier: "tier4" }))).toMatchObject({ tier: "tier4" });
  expect(await worker.as(tokenOf(userId)).user(userId)).toMatchObject({ userId });
  expect(await worker.as(tokenOf(newUser("theo"))).send("GET", `/users/${userId}`)).toMatchObject({ status: 404 });
  refused(await worker.as("anything").send("GET", `/users/${userId}`), /not known/);
});
