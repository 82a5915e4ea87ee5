// Tokens of an identity provider: signed by the library jose, under keys that a server on loopback publishes.

import { generateKeyPairSync } from "node:crypto";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import * as jose from "jose";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { claims, hmac, token } from "./tokens";
import { eventually, newUser, startWorker, type Answer, type Json, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const ISSUER = "https://id.example/";

/** A key pair of the provider. */
async function pair(alg: string, kid: string) {
  const { publicKey, privateKey } = await jose.generateKeyPair(alg, { extractable: true });
  const sign = (sub: string, header: Json = {}, claims: Json = {}) =>
    new jose.SignJWT({ sub, iss: ISSUER, aud: "stories", ...claims })
      .setProtectedHeader({ alg, kid, typ: "JWT", ...header })
      .setIssuedAt().setExpirationTime("10m")
      .sign(privateKey);
  const jwk: Json = { ...(await jose.exportJWK(publicKey)), kid };
  return { jwk, sign, pem: await jose.exportSPKI(publicKey) };
}

/** What is asked for the keys, and what it answers. */
const asked: string[] = [];
let answer: RequestListener;
const keys = (...keys: Json[]): RequestListener => (_, response) =>
  response.writeHead(200, { "content-type": "application/jwk-set+json" }).end(JSON.stringify({ keys }));

let provider: Server;
let worker: Worker;
let vars: Record<string, string>;
beforeAll(async () => {
  provider = createServer((request, response) => {
    asked.push(request.url ?? "");
    answer(request, response);
  });
  await new Promise<void>((resolve) => provider.listen(0, "127.0.0.1", resolve));
  const { port } = provider.address() as AddressInfo;
  vars = {
    AUTH: "credentials", SERVICE_KEYS: KEY, SUBMIT_RATE_LIMIT: "off",
    JWT_JWKS_URL: `http://127.0.0.1:${port}/keys?of=us`, JWT_ISSUER: ISSUER, JWT_AUDIENCE: "stories",
  };
  answer = keys();
  worker = await startWorker(vars);
});
afterAll(async () => {
  await worker.close();
  provider.closeAllConnections();
  provider.close();
});
// Another isolate, which knows no keys.
beforeEach(async () => {
  await worker.crash(vars);
  asked.length = 0;
});

const read = (credential: string, userId = "mara") => worker.as(credential).send("GET", `/users/${userId}`);
function refused(answer: Answer, detail: RegExp) {
  expect(answer).toMatchObject({ status: 401, body: { type: "urn:story-queue:problem:unauthenticated", detail: expect.stringMatching(detail) } });
}
const served = (answer: Answer) => expect(answer).toMatchObject({ status: 200 });

describe("a token that jose signs", () => {
  test.each(["RS256", "ES256", "EdDSA", "Ed25519"])("with %s is accepted, with the alg of its key or without", async (alg) => {
    const stated = await pair(alg, "stated");
    // A key without alg takes the first name of its kind.
    const unstated = await pair(alg === "Ed25519" ? "EdDSA" : alg, "unstated");
    answer = keys({ ...stated.jwk, alg, use: "sig" }, unstated.jwk);
    const userId = newUser("auth0|mara");
    for (const key of [stated, unstated]) {
      expect(await read(await key.sign(userId), userId)).toMatchObject({ status: 200, body: { userId } });
    }
    refused(await read((await stated.sign("mara")).replace(/\.[^.]*$/, (signature) => `.${signature.slice(5)}AAAA`)), /signature is invalid/);
    refused(await read(await stated.sign("a b")), /sub is not a valid user id/);
    expect(asked).toEqual(["/keys?of=us"]);
  });

  test("of another issuer, for another audience, or with another key of the same name is refused", async () => {
    const key = await pair("ES256", "a");
    answer = keys(key.jwk);
    served(await read(await key.sign("mara")));
    refused(await read(await key.sign("mara", {}, { iss: "https://evil.example/" })), /iss does not match/);
    refused(await read(await key.sign("mara", {}, { aud: "another-service" })), /aud does not match/);
    refused(await read(await (await pair("ES256", "a")).sign("mara")), /signature is invalid/);
  });

  test("without kid needs one key that it could be", async () => {
    const [rsa, first, second] = [await pair("RS256", "r"), await pair("ES256", "a"), await pair("ES256", "b")];
    answer = keys(rsa.jwk, first.jwk, second.jwk);
    served(await read(await rsa.sign("mara", { kid: undefined })));
    refused(await read(await first.sign("mara", { kid: undefined })), /has none and there are several/);
  });
});

describe("keys are mixed up by nobody", () => {
  test("a public key is not the secret of an HMAC, and no algorithm is none", async () => {
    const rsa = await pair("RS256", "a");
    answer = keys({ ...rsa.jwk, alg: "RS256" });
    served(await read(await rsa.sign("mara")));
    const good = claims("mara", { iss: ISSUER, aud: "stories" });
    for (const secret of [rsa.pem, rsa.pem.trim(), JSON.stringify(rsa.jwk), rsa.jwk.n]) {
      for (const header of [{ alg: "HS256", kid: "a" }, { alg: "HS256" }]) {
        refused(await read(token(header, good, hmac(secret))), /alg is not the configured/);
      }
      refused(await read(token({ alg: "RS256", kid: "a" }, good, hmac(secret))), /signature is invalid/);
    }
    refused(await read(token({ alg: "none", kid: "a" }, good, () => "")), /alg is not the configured/);
    for (const alg of ["RS384", "PS256", "RS512"]) {
      refused(await read(await (await pair(alg, "a")).sign("mara")), /alg is not the configured/);
    }
    // The algorithm of one key with the name of another.
    refused(await read(await (await pair("ES256", "a")).sign("mara")), /not that of its key/);
    // A token that brings its own key.
    const own = await pair("RS256", "a");
    refused(await read(await own.sign("mara", { jwk: own.jwk })), /names a key/);
  });

  test("keys for encryption, short ones, secrets and private ones are left out", async () => {
    const [enc, good] = [await pair("RS256", "enc"), await pair("RS256", "good")];
    const short = { ...generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" }), kid: "short" };
    const secret = { kty: "oct", k: Buffer.from("k".repeat(32)).toString("base64url"), kid: "oct", alg: "HS256" };
    answer = keys({ ...enc.jwk, use: "enc" }, short, secret, { ...good.jwk, d: "AQAB", kid: "private" }, good.jwk);
    served(await read(await good.sign("mara")));
    refused(await read(await enc.sign("mara")), /names no known key/);
    refused(await read(await good.sign("mara", { kid: "private" })), /names no known key/);
    refused(await read(token({ alg: "RS256", kid: "short" }, claims("mara"), () => "A".repeat(171))), /names no known key/);
    refused(await read(token({ alg: "HS256", kid: "oct" }, claims("mara"), hmac("k".repeat(32)))), /alg is not the configured/);
  });
});

describe("the keys", () => {
  test("are fetched once for many tokens at the same time, and a new one with the first token that names it", async () => {
    const [old, next, last] = [await pair("ES256", "2026-10"), await pair("EdDSA", "2026-11"), await pair("RS256", "2026-12")];
    answer = keys(old.jwk);
    const many = await Promise.all(Array.from({ length: 20 }, async () => read(await old.sign("mara"))));
    many.forEach(served);
    expect(asked).toHaveLength(1);
    answer = keys(old.jwk, next.jwk);
    served(await read(await next.sign("mara")));
    served(await read(await old.sign("mara")));
    answer = keys(last.jwk);
    served(await read(await last.sign("mara")));
    expect(asked).toHaveLength(3);
    // The provider has taken it back.
    refused(await read(await old.sign("mara")), /names no known key/);
  });

  test("that nobody knows cause a bounded number of fetches", async () => {
    const key = await pair("ES256", "a");
    answer = keys(key.jwk);
    served(await read(await key.sign("mara")));
    for (let number = 0; number < 30; number += 1) {
      refused(await read(await key.sign("mara", { kid: `unknown-${number}` })), /names no known key/);
    }
    expect(asked).toHaveLength(3);
    served(await read(await key.sign("mara")));
  });

  // Not a redirect: locally, what miniflare puts between a Worker and the network follows it before the Worker sees it.
  const faults: [name: string, answer: RequestListener, why: RegExp][] = [
    ["refuses", (_, response) => response.writeHead(503).end("{}"), /the status is 503/],
    ["hangs up", (request) => request.socket.destroy(), /./],
    ["says something else", (_, response) => response.end("<html>"), /not a JSON object with a list of keys/],
    ["says a key twice", (_, response) => response.end('{"keys":[],"keys":[]}'), /not a JSON object with a list of keys/],
    ["sends too many keys", keys(...Array.from({ length: 65 }, () => ({}))), /more than 64 keys/],
    ["sends too much", (_, response) => response.end(`{"keys":[],"note":"${"n".repeat(64 * 1024)}"}`), /more than 65536 bytes/],
    ["sends without end", (_, response) => {
      const timer = setInterval(() => response.write("x".repeat(16 * 1024)), 1);
      response.on("close", () => clearInterval(timer));
    }, /more than 65536 bytes/],
  ];
  test.each(faults)("stay in use while the provider %s", async (_, broken, why) => {
    const key = await pair("ES256", "a");
    // Without any key nobody can be told whether a token is right.
    answer = broken;
    const unknown = await read(await key.sign("mara"));
    expect(unknown).toMatchObject({ status: 503, body: { type: "urn:story-queue:problem:unavailable" } });
    expect(unknown.headers.get("retry-after")).toBe("5");
    served(await worker.as(KEY).send("GET", "/users/mara"));
    await worker.crash(vars);
    answer = keys(key.jwk);
    served(await read(await key.sign("mara")));
    answer = broken;
    refused(await read(await key.sign("mara", { kid: "b" })), /names no known key/);
    served(await read(await key.sign("mara")));
    await eventually(() => expect(worker.lines()).toContainEqual(expect.stringMatching(
      new RegExp(`^\\[Fault\\] a request failed: the keys of JWT_JWKS_URL could not be fetched: .*${why.source}`))));
  });

  test("stay in use while the provider does not answer at all", async () => {
    const key = await pair("ES256", "a");
    answer = keys(key.jwk);
    served(await read(await key.sign("mara")));
    answer = () => {};
    const unknown = read(await key.sign("mara", { kid: "b" }));
    await eventually(() => expect(asked).toHaveLength(2));
    // The others do not wait for it.
    const started = Date.now();
    served(await read(await key.sign("mara")));
    expect(Date.now() - started).toBeLessThan(2_000);
    refused(await unknown, /names no known key/);
    // And nobody waits for it twice.
    refused(await read(await key.sign("mara", { kid: "c" })), /names no known key/);
    expect(Date.now() - started).toBeLessThan(9_000);
    expect(worker.lines().some((line) => line.includes("there was no answer in time"))).toBe(true);
  });

  test("that the platform refuses give nobody access, and the log says so", async () => {
    const key = await pair("ES256", "a");
    answer = keys({ ...key.jwk, x: Buffer.alloc(32, 1).toString("base64url") });
    expect(await read(await key.sign("mara"))).toMatchObject({ status: 500 });
    await eventually(() => expect(worker.lines().some((line) => line.includes("refuses a key of JWT_JWKS_URL"))).toBe(true));
  });
});

test("an address that is not safe is a faulty setting", async () => {
  await worker.crash({ ...vars, JWT_JWKS_URL: "http://id.example/keys" });
  expect(await worker.send("GET", "/healthz")).toMatchObject({ status: 500, body: { type: "urn:story-queue:problem:misconfigured" } });
  await eventually(() => expect(worker.lines().some((line) => line.includes("JWT_JWKS_URL: must be an https address"))).toBe(true));
});
