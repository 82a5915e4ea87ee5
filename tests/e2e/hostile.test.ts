// Whatever is sent, the answer is a clear problem document, and the next good request is served.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { newUser, startWorker, story, type Accepted, type Answer, type Worker } from "./worker";

const BODY_MAX = 256 * 1024;
const JOB = "018bcfe5-6800-7000-8000-000000000000";

let worker: Worker;
beforeAll(async () => { worker = await startWorker(); });
afterAll(() => worker.close());

const served: Accepted[] = [];
const panics = () => worker.lines().filter((line) => /unreachable|panicked|RuntimeError|\[Fault\]/.test(line));
afterEach(async () => {
  served.push(await worker.accept(story(newUser("mara"))));
  expect(panics()).toEqual([]);
});

/** Checks that the answer is a problem document of that status and type, and returns it. */
function problem(answer: Answer, status: number, type: string) {
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer).toMatchObject({ status, body: { type: `urn:story-queue:problem:${type}`, status } });
  expect(answer.body.title).toMatch(/^\S.*\S$/);
  expect(answer.body.detail).toMatch(/^\S.*\.$/s);
  return answer.body;
}

const pointers = ({ errors }: { errors: Accepted[] }) => errors.map(({ pointer }) => pointer);
const short = (text: string) => (text.length > 40 ? `${text.slice(0, 20)}… (${text.length})` : text);
const good = JSON.stringify(story("mara"));
const replaced = (from: string, to: string) => {
  expect(good).toContain(from);
  return good.replace(from, to);
};

describe("a body that is not JSON is refused with the reason", () => {
  const deep = `${"[".repeat(10_000)}${"]".repeat(10_000)}`;
  const table: [name: string, body: string | Buffer, reason: RegExp][] = [
    ["empty", "", /not valid JSON/],
    ["white space", " \n", /not valid JSON/],
    ["cut off", good.slice(0, -1), /not valid JSON: EOF/],
    ["followed by more", `${good}{}`, /trailing characters/],
    ["a trailing comma", replaced("}]", "},]"), /not valid JSON/],
    ["single quotes", "{'userId':'mara'}", /not valid JSON/],
    ["NaN", replaced("640", "NaN"), /not valid JSON/],
    ["1e999", replaced("640", "1e999"), /number out of range/],
    ["10,000 levels deep", deep, /recursion limit/],
    ["10,000 levels deep in a field", replaced("[{", `${deep.slice(0, 10_000)}[{`), /recursion limit/],
    ["a byte order mark", `\uFEFF${good}`, /byte order mark/],
    ["UTF-16", Buffer.from(good, "utf16le"), /not valid JSON/],
    ["invalid UTF-8", Buffer.concat([Buffer.from('{"userId":"'), Buffer.from([0xc3, 0x28, 0xff]), Buffer.from('"}')]), /not valid UTF-8 from byte 11/],
    ["a lone surrogate", replaced("The Lighthouse", "\\ud800"), /not valid JSON/],
    ["NUL bytes", Buffer.alloc(64), /not valid JSON/],
  ];
  test.each(table)("%s", async (_, body, reason) => {
    const { errors } = problem(await worker.post(body), 400, "invalid-request");
    expect(errors).toEqual([{ pointer: "", detail: expect.stringMatching(reason) }]);
  });
});

describe("every invalid field is reported", () => {
  const table: [name: string, body: string, pointers: string[]][] = [
    ["an empty object", "{}", ["/script", "/videoConfig", "/userId", "/seriesId"]],
    ["a list", "[]", [""]],
    ["a string", '"story"', [""]],
    ["null", "null", [""]],
    ["all wrong", '{"script":[],"videoConfig":1,"userId":{},"seriesId":null,"userTier":3}', ["/script", "/videoConfig", "/userId", "/seriesId", "/userTier"]],
    ["the same key twice", replaced('"userId":', '"userId":"theo","userId":'), ["/userId"]],
    ["the same key twice, deep down", replaced('"title"', '"x":{"a/b":1,"a/b":2},"title"'), ["/script/x/a~1b"]],
    ["an unknown field", replaced('"userId"', '"priority":99,"userId"'), ["/priority"]],
    ["2^63", replaced("640", "9223372036854775808"), ["/videoConfig/width"]],
    ["2^53 + 1", replaced("640", "9007199254740993"), ["/videoConfig/width"]],
    ["a negative width", replaced("640", "-640"), ["/videoConfig/width"]],
    ["a fraction", replaced("640", "640.5"), ["/videoConfig/width"]],
    ["no scenes", JSON.stringify(story("mara", { scenes: 0 })), ["/script/scenes"]],
    ["201 scenes", JSON.stringify(story("mara", { scenes: 201 })), ["/script/scenes"]],
    ["an empty narration", replaced("Scene 1: the lamp is lit.", " "), ["/script/scenes/0/narration"]],
    ["an unknown tier", JSON.stringify(story("mara", { userTier: "TIER4" })), ["/userTier"]],
    ...["", " ", ".", "..", "a/b", "a b", "é", "a\u0000", "a\nb", "%2e", "x".repeat(129)].map((id): [string, string, string[]] => (
      [`the id ${short(JSON.stringify(id))}`, JSON.stringify(story(id, { seriesId: id })), ["/userId", "/seriesId"]]
    )),
  ];
  test.each(table)("%s", async (_, body, expected) => {
    const found = problem(await worker.post(body), 400, "invalid-request");
    expect(pointers(found)).toEqual(expected);
  });

  test("at most a hundred errors are listed, each of bounded length", async () => {
    const long = "k".repeat(130_000);
    const body = `{"${long}":{${'"a":0,'.repeat(20_000)}"a":0}}`;
    const found = problem(await worker.post(body), 400, "invalid-request");
    expect(found.errors).toHaveLength(100);
    expect(JSON.stringify(found).length).toBeLessThan(50_000);
    const names = Array.from({ length: 20_000 }, (_, index) => `"n${index}":0`);
    expect(problem(await worker.post(`{${names}}`), 400, "invalid-request").errors).toHaveLength(100);
  });

  const keys = [["empty", ""], ["a lone quote", '"'], ["empty in quotes", '""'], ["with a space", "a b"], ["too long", "x".repeat(256)]];
  test.each(keys)("the idempotency key %s", async (_, key) => {
    const { errors } = problem(await worker.submit(story("mara"), key), 400, "invalid-request");
    expect(errors).toMatchObject([{ header: "Idempotency-Key" }]);
  });
});

describe("a body of another type is refused", () => {
  const types = ["text/plain", "application/x-www-form-urlencoded", "application/jsonp", "multipart/form-data; boundary=x", "x".repeat(5_000)];
  test.each(types.map((type) => [short(type), type]))("%s", async (_, type) => {
    problem(await worker.post(good, { "content-type": type }), 415, "unsupported-media-type");
  });

  test("no content type", async () => {
    const answer = await worker.send("POST", "/create-story", { body: Buffer.from(good) });
    problem(answer, 415, "unsupported-media-type");
    expect(answer.headers.get("accept-post")).toBe("application/json");
  });

  test("but parameters and case do not matter", async () => {
    expect(await worker.post(good, { "content-type": "Application/JSON; charset=utf-8" })).toMatchObject({ status: 202 });
  });
});

describe("a body with a content coding is refused", () => {
  test.each(["gzip", "br", "deflate", "identity, gzip"])("%s", async (coding) => {
    const answer = await worker.post(good, { "content-encoding": coding });
    problem(answer, 415, "unsupported-content-coding");
    expect(answer.headers.get("accept-encoding")).toBe("identity");
  });

  test("but identity is none", async () => {
    expect(await worker.post(good, { "content-encoding": "identity" })).toMatchObject({ status: 202 });
  });
});

describe("a body above 256 KiB is refused", () => {
  const padded = (bytes: number) => Buffer.from(good.padEnd(bytes));
  const chunked = (body: Buffer) => worker.send("POST", "/create-story", {
    headers: { "content-type": "application/json" },
    body: new Blob([new Uint8Array(body)]).stream(),
    duplex: "half",
  } as RequestInit);

  test("announced", async () => { problem(await worker.post(padded(BODY_MAX + 1)), 413, "body-too-large"); });
  test("in chunks, without an announced length", async () => { problem(await chunked(padded(BODY_MAX + 1)), 413, "body-too-large"); });
  test("ten times as long", async () => { problem(await worker.post(padded(10 * BODY_MAX)), 413, "body-too-large"); });
  test("but one of just 256 KiB is accepted either way", async () => {
    expect(await worker.post(padded(BODY_MAX))).toMatchObject({ status: 202 });
    expect(await chunked(padded(BODY_MAX))).toMatchObject({ status: 202 });
  });
});

describe("a missing path or job is not found", () => {
  const paths = [
    "/nothing", "/create-story/", "/CREATE-STORY", "/users", "/users/", "/users//jobs", "/users/a%2Fb", "/users/%zz",
    "/users/%ff", "/users/a%00b", "/users/a%0Ab", "/users/mara/", "/users/mara/jobs/1/cancel", `/users/${"x".repeat(129)}`, `/${"x".repeat(4_000)}`,
  ];
  test.each(paths.map((path) => [short(path), path]))("%s", async (_, path) => {
    problem(await worker.send("GET", path), 404, "no-route");
  });

  test.each(["1", "..%2F..", JOB, JOB.toUpperCase(), JOB.replaceAll("-", ""), "%00"])("the job %s", async (jobId) => {
    for (const method of ["GET", "DELETE"]) problem(await worker.send(method, `/users/mara/jobs/${jobId}`), 404, "no-such-job");
  });
});

describe("another method is answered with the allowed ones", () => {
  const table = [
    ["GET", "/create-story", "POST"], ["PUT", "/create-story", "POST"], ["PUT", "/users/mara", "GET, DELETE"], ["POST", "/tiers", "GET"],
    ["DELETE", "/users/mara/plan", "PUT"],
    ["PATCH", `/users/mara/jobs/${JOB}`, "GET, DELETE"], ["OPTIONS", "/healthz", "GET"],
    ...["PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK", "PURGE", "QUERY", "SEARCH", "REPORT"].map((method) => (
      [method, "/users/mara/jobs", "GET"]
    )),
  ];
  test.each(table)("%s %s", async (method, path, allowed) => {
    const answer = await worker.send(method, path);
    problem(answer, 405, "method-not-allowed");
    expect(answer.headers.get("allow")).toBe(allowed);
  });
});

test("others are answered while the largest story is drawn", async () => {
  const scenes = Array.from({ length: 50 }, () => ({ narration: ".".repeat(5000) }));
  const shares: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const startedAt = Date.now();
    const accepted = await worker.accept(story(newUser("mallory"), { script: { title: "Dots", scenes } }));
    let longest = 0;
    for (let status = ""; status !== "succeeded";) {
      const askedAt = Date.now();
      ({ status } = await worker.job(accepted));
      longest = Math.max(longest, Date.now() - askedAt);
    }
    shares.push(longest / (Date.now() - startedAt));
  }
  // A renderer that kept the thread for a whole stage would hold an answer up for most of the time.
  expect(shares.toSorted((one, other) => one - other)[2]).toBeLessThan(0.4);
});

test("all valid stories sent in between were made", async () => {
  expect(served.length).toBeGreaterThan(80);
  for (const accepted of served) await worker.until(accepted, "succeeded");
  expect(panics()).toEqual([]);
});
