// What players, browsers, back ends and friends ask of an artifact: parts, versions, names to save it by, and links.

import { createHmac, randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SECRET, tokenOf } from "./tokens";
import { newUser, startWorker, story, type Accepted, type Answer, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const LINK_SECRET = "secret-of-links-in-this-test-0123456789abcdef";
const CLOSED = { AUTH: "credentials", SERVICE_KEYS: KEY, JWT_SECRET: SECRET };
/** As artifacts.js says. */
const [FILM_BYTES, FILM_OFFSET, FILM_EPOCH] = [64 * 1024 * 1024, 1_000, 901];
/** Not the first of its stage, and so not at the beginning of its object. */
const FRAME = "frames/002.svg";

const film = randomBytes(FILM_BYTES);
const mara = newUser("auth0|mara");
let worker: Worker;
let job: Accepted;
let artifacts: string;
let frame: Buffer;
beforeAll(async () => {
  worker = await startWorker({ ...CLOSED, LINK_SECRET }, [], "tests/e2e/artifacts.js");
  job = await worker.as(KEY).accept(story(mara, { scenes: 3 }));
  await worker.as(KEY).until(job, "succeeded");
  artifacts = `/users/${encodeURIComponent(mara)}/jobs/${job.jobId}/artifacts`;
  frame = (await file(FRAME)).bytes;
  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  await ARTIFACTS.put(`stories/${mara}/${job.jobId}/${FILM_EPOCH}`, Buffer.concat([Buffer.alloc(FILM_OFFSET), film]));
});
afterAll(() => worker.close());

const file = (name: string, headers: Record<string, string> = {}, method = "GET") =>
  worker.as(KEY).send(method, `${artifacts}/${name}`, { headers });
const kind = (type: string) => ({ type: `urn:story-queue:problem:${type}` });
const shown = ({ headers }: Answer, ...names: string[]) => names.map((name) => headers.get(name));

/** All that an answer says of the file, other than its length. */
const SAID = ["content-type", "etag", "last-modified", "cache-control", "accept-ranges", "content-security-policy", "content-disposition"];

describe("a part", () => {
  test.each([
    ["bytes=0-0", 0, 1], ["bytes=0-", 0, Infinity], ["bytes=100-199", 100, 200], ["bytes=-50", -50, Infinity],
    ["bytes=100-99999999", 100, Infinity], ["bytes=-99999999", 0, Infinity],
  ])("of %s is sent alone, and says which it is", async (range, start, end) => {
    const part = frame.subarray(start, end);
    const first = start < 0 ? frame.length + start : start;
    const answer = await file(FRAME, { range });
    expect(answer).toMatchObject({ status: 206, bytes: part });
    const expected = [`bytes ${first}-${first + part.length - 1}/${frame.length}`, String(part.length), "image/svg+xml", "bytes"];
    expect(shown(answer, "content-range", "content-length", "content-type", "accept-ranges")).toEqual(expected);
  });

  test.each(["bytes=1000000-", "bytes=-0"])("of %s is not there", async (range) => {
    const answer = await file(FRAME, { range });
    expect(answer).toMatchObject({ status: 416, body: kind("range-not-satisfiable") });
    expect(answer.headers.get("content-range")).toBe(`bytes */${frame.length}`);
  });

  test.each(["bytes=0-1,5-6", "bytes=9-1", "lines=0-1", "anything"])("of %s is all of it", async (range) => {
    const answer = await file(FRAME, { range });
    expect(answer).toMatchObject({ status: 200, bytes: frame });
    expect(shown(answer, "content-range", "content-length", "accept-ranges")).toEqual([null, String(frame.length), "bytes"]);
  });

  test("fits only the version that the client names", async () => {
    const [etag, date] = shown(await file(FRAME), "etag", "last-modified") as [string, string];
    for (const [validator, status] of [[etag, 206], [date, 206], [`W/${etag}`, 200], ['"other"', 200], ["Tue, 14 Nov 2023 22:13:20 GMT", 200]] as const) {
      const answer = await file(FRAME, { range: "bytes=0-9", "if-range": validator });
      expect([validator, answer.status, answer.bytes.length]).toEqual([validator, status, status === 206 ? 10 : frame.length]);
    }
  });

  test("of a film is found wherever it is", async () => {
    for (const [range, part] of [
      [`bytes=${FILM_BYTES / 2}-${FILM_BYTES / 2 + 999_999}`, film.subarray(FILM_BYTES / 2, FILM_BYTES / 2 + 1_000_000)],
      ["bytes=-1000", film.subarray(-1_000)],
    ] as const) {
      const answer = await file("film.mp4", { range });
      expect(answer.status).toBe(206);
      expect(answer.bytes.equals(part)).toBe(true);
    }
    const whole = await file("film.mp4");
    expect(shown(whole, "content-length", "content-type")).toEqual([String(FILM_BYTES), "video/mp4"]);
    expect(whole.bytes.equals(film)).toBe(true);
  });

  test.each([undefined, "bytes=100-"])("is sent as it comes, before the rest is there (%s)", async (range) => {
    const headers = { authorization: `Bearer ${KEY}`, ...(range === undefined ? {} : { range }) };
    const response = await fetch(new URL(`${artifacts}/slow.mp4`, worker.url), { headers });
    const reader = response.body!.getReader();
    const { value } = await reader.read();
    const start = range === undefined ? 0 : 100;
    expect(value!.length).toBeGreaterThan(0);
    expect(film.subarray(start).subarray(0, value!.length).equals(value!)).toBe(true);
    await reader.cancel();
  });
});

test("a client that has the file is not sent it again", async () => {
  const whole = await file(FRAME);
  const [etag, date] = shown(whole, "etag", "last-modified") as [string, string];
  const { finishedAt } = (await worker.as(KEY).job(job)).stages[0];
  expect(new Date(date).getTime()).toBe(Math.floor(Date.parse(finishedAt) / 1000) * 1000);
  expect(whole.headers.get("cache-control")).toBe("private, no-cache");
  for (const headers of [
    { "if-none-match": etag }, { "if-none-match": `"x", W/${etag}` }, { "if-none-match": "*" }, { "if-modified-since": date },
    { "if-none-match": etag, range: "bytes=0-9" }, { "if-none-match": etag, range: "bytes=1000000-" },
  ] as Record<string, string>[]) {
    for (const method of ["GET", "HEAD"]) {
      const answer = await file(FRAME, headers, method);
      expect([headers, method, answer.status, answer.bytes.length]).toEqual([headers, method, 304, 0]);
      expect(shown(answer, "etag", "last-modified", "cache-control")).toEqual([etag, date, "private, no-cache"]);
    }
  }
  for (const headers of [
    { "if-none-match": '"x"' }, { "if-none-match": '"x"', "if-modified-since": date }, { "if-modified-since": "Tue, 14 Nov 2023 22:13:20 GMT" },
  ] as Record<string, string>[]) expect(await file(FRAME, headers)).toMatchObject({ status: 200, bytes: frame });
});

test("HEAD says what GET does, also how long the file is", async () => {
  for (const [name, query] of [[FRAME, ""], ["player.html", "?download=x"], ["film.mp4", ""]] as const) {
    const [get, head] = [await file(name + query), await file(name + query, { range: "bytes=0-9" }, "HEAD")];
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect(shown(head, ...SAID, "content-length")).toEqual([...shown(get, ...SAID), String(get.bytes.length)]);
  }
  for (const method of ["GET", "HEAD"]) expect(await file("nothing.svg", {}, method)).toMatchObject({ status: 404 });
});

test("a file is shown, or saved under its own name or another", async () => {
  const named = async (query: string) => (await file(FRAME + query)).headers.get("content-disposition");
  expect(await named("")).toBe(null);
  expect(await named("?download")).toBe(`attachment; filename="002.svg"; filename*=UTF-8''002.svg`);
  expect(await named("?download=K%C3%BCste%201.svg")).toBe(`attachment; filename="K_ste 1.svg"; filename*=UTF-8''K%C3%BCste%201.svg`);
  expect(await named("?download=x%22%0D%0Aset-cookie:%20a=b")).toBe(`attachment; filename="x_set-cookie_ a=b.svg"; filename*=UTF-8''x_set-cookie_%20a%3Db.svg`);
  expect(await file(`${FRAME}?download=a&download=b`)).toMatchObject({ status: 400, body: kind("invalid-request") });
  expect(await file(`${FRAME}?save=a`)).toMatchObject({ status: 400, body: { errors: [{ parameter: "save" }] } });
});

describe("a link", () => {
  const ask = (name = FRAME, body?: string, as: Pick<Worker, "send"> = worker.as(KEY)) => as.send("POST", `${artifacts}/${name}/link`, {
    ...(body === undefined ? {} : { body, headers: { "content-type": "application/json" } }),
  });
  const made = async (...asked: Parameters<typeof ask>) => {
    const answer = await ask(...asked);
    expect(answer).toMatchObject({ status: 200 });
    return answer.body as { href: string; expiresAt: string };
  };
  /** One that says what the Worker would have said. */
  const signed = (expires: number | string, { secret = LINK_SECRET, name = FRAME } = {}) => {
    const text = `story-queue link to an artifact, 1\n${mara}\n${job.jobId}\n${expires}\n${name}`;
    return `${artifacts}/${name}?expires=${expires}&signature=${createHmac("sha256", secret).update(text).digest("base64url")}`;
  };
  const now = () => Math.floor(Date.now() / 1000);

  test("opens its artifact without a credential, in every way", async () => {
    const { href, expiresAt } = await made();
    expect(Math.abs(Date.parse(expiresAt) - Date.now() - 3_600_000)).toBeLessThan(5_000);
    expect(href).toBe(signed(Date.parse(expiresAt) / 1000));
    const whole = await worker.send("GET", href);
    expect(whole).toMatchObject({ status: 200, bytes: frame });
    expect(shown(whole, ...SAID)).toEqual(shown(await file(FRAME), ...SAID));
    expect(await worker.send("HEAD", href)).toMatchObject({ status: 200 });
    expect(await worker.send("GET", href, { headers: { range: "bytes=5-9" } })).toMatchObject({ status: 206, bytes: frame.subarray(5, 10) });
    expect(await worker.send("GET", href, { headers: { "if-none-match": whole.headers.get("etag")! } })).toMatchObject({ status: 304 });
    expect((await worker.send("GET", `${href}&download`)).headers.get("content-disposition")).toContain('"002.svg"');
    expect(await worker.as("an-old-token-that-a-program-always-sends").send("GET", href)).toMatchObject({ status: 200 });
    expect(await worker.send("GET", (await made("film.mp4")).href, { headers: { range: "bytes=-9" } })).toMatchObject({ status: 206, bytes: film.subarray(-9) });
  });

  test("opens nothing else, for no other method", async () => {
    const { href } = await made();
    const query = href.slice(href.indexOf("?"));
    for (const path of [`/users/${mara}/jobs/${job.jobId}`, artifacts]) {
      expect(await worker.send("GET", path + query)).toMatchObject({ status: 401 });
    }
    for (const name of ["frames/001.svg", "player.html", "nothing"]) {
      expect(await worker.send("GET", `${artifacts}/${name}${query}`)).toMatchObject({ status: 403, body: kind("invalid-link") });
    }
    expect(await worker.send("POST", `${artifacts}/${FRAME}/link${query}`)).toMatchObject({ status: 401 });
    for (const method of ["PUT", "DELETE", "POST"]) expect(await worker.send(method, href)).toMatchObject({ status: 405 });
  });

  test("that was changed or made by somebody else is refused, whoever asks", async () => {
    const { href } = await made();
    const expires = Number(href.match(/expires=(\d+)/)![1]);
    for (const other of [
      href.replace(`${expires}`, `${expires + 1}`), href.replace(/expires=\d+&/, ""), href.replace(/&signature=.*/, ""),
      href.replace(/.$/, ""), href.replace(/signature=./, (found) => `signature=${found.endsWith("A") ? "B" : "A"}`), `${href}A`,
      signed(now() + 600, { secret: "another-secret-of-links-0123456789abcdef" }), signed("never"),
      href.replace(encodeURIComponent(mara), "theo"), href.replace(job.jobId, "018bcfe5-6800-7000-8000-000000000000"),
    ]) {
      for (const as of [worker, worker.as(KEY)]) {
        for (const method of ["GET", "HEAD"]) expect([other, (await as.send(method, other)).status]).toEqual([other, 403]);
      }
    }
    const refused = await worker.send("GET", `${href}A`);
    expect(refused).toMatchObject({ status: 403, body: { ...kind("invalid-link"), detail: expect.stringContaining("changed") } });
    expect(worker.lines().some((line) => line.startsWith("[Access] a link refused: the link was changed"))).toBe(true);
  });

  test("ends when its time is over", async () => {
    expect(await worker.send("GET", signed(now() + 2))).toMatchObject({ status: 200 });
    for (const expires of [now(), now() - 86_400]) {
      expect(await worker.send("GET", signed(expires))).toMatchObject({ status: 403, body: kind("link-expired") });
    }
    for (const [seconds, body] of [[60, '{"expiresInSeconds":60}'], [604_800, '{"expiresInSeconds":604800}']] as const) {
      const { expiresAt } = await made(FRAME, body);
      expect(Math.abs(Date.parse(expiresAt) - Date.now() - seconds * 1000)).toBeLessThan(5_000);
    }
    for (const body of ['{"expiresInSeconds":59}', '{"expiresInSeconds":604801}', '{"expiresInSeconds":"60"}', '{"seconds":60}', "no"]) {
      expect(await ask(FRAME, body)).toMatchObject({ status: 400, body: kind("invalid-request") });
    }
    const typed = await worker.as(KEY).send("POST", `${artifacts}/${FRAME}/link`, { body: "{}" });
    expect(typed).toMatchObject({ status: 415 });
  });

  test("is made by whoever may read the artifact", async () => {
    const { href } = await made(FRAME, undefined, worker.as(tokenOf(mara)));
    expect(await worker.send("GET", href)).toMatchObject({ status: 200 });
    expect(await ask(FRAME, undefined, worker.as(tokenOf(newUser("theo"))))).toMatchObject({ status: 404, body: kind("no-such-job") });
    expect(await ask(FRAME, undefined, worker)).toMatchObject({ status: 401 });
    expect(await ask("nothing.svg")).toMatchObject({ status: 404, body: kind("no-such-artifact") });
  });

  test("outlives a secret only as long as that is still listed", async () => {
    const { href } = await made();
    await worker.crash({ ...CLOSED, LINK_SECRET: `a-new-secret-of-links-0123456789abcdef ${LINK_SECRET}` });
    expect(await worker.send("GET", href)).toMatchObject({ status: 200 });
    await worker.crash(CLOSED);
    expect(await worker.send("GET", href)).toMatchObject({ status: 403, body: kind("invalid-link") });
    expect(await ask()).toMatchObject({ status: 404, body: { ...kind("links-not-configured"), detail: expect.stringContaining("LINK_SECRET") } });
  });

  test("needs no secret in open mode, and is checked all the same", async () => {
    await worker.crash({});
    const { href } = await made(FRAME, undefined, worker);
    expect(await worker.send("GET", href)).toMatchObject({ status: 200, bytes: frame });
    expect(await worker.send("GET", `${href}A`)).toMatchObject({ status: 403, body: kind("invalid-link") });
    await worker.crash({ ...CLOSED, LINK_SECRET });
    expect(await worker.send("GET", href), "what everybody could have made").toMatchObject({ status: 403 });
  });
});
