// Episodes: each source, each way in which a site misbehaves, and what stays of a text.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { html, mail, startSite, TEXT, withoutFollowing } from "./site";
import { eventually, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

let [site, worker]: [Awaited<ReturnType<typeof startSite>>, Worker] = [] as never;
const VARS = { EPISODE_LOCAL_URLS: "on", MAX_ATTEMPTS: "2", RETRY_BACKOFF_SECONDS: "1", PLANS: JSON.stringify({ pastDueGraceDays: 3 }) };
const follow = withoutFollowing();
beforeAll(async () => {
  site = await startSite();
  worker = await startWorker(VARS);
});
afterAll(async () => {
  await worker.close();
  site.close();
  follow();
});

const url = (path: string) => ({ type: "url", url: site.url(path) });
const paste = (text = TEXT) => ({ type: "paste", title: "A pasted text", text });
const SOURCES: Record<string, () => Json> = {
  url: () => url("/good"),
  paste,
  extension: () => ({ type: "extension", url: "https://intranet.example/story", html: html("As it was shown") }),
  email: () => ({ type: "email", raw: mail("By mail") }),
  file: () => ({ type: "file", name: "folder/notes.md", contentType: "text/markdown", text: `# From a file\n\n${TEXT}` }),
};

const send = (body: BodyInit, headers: Record<string, string> = {}) => worker.send("POST", "/create-episode", { body, headers });
const submit = (userId: string, source: Json, key?: string, fields: Json = {}) => source.type === "email"
  ? worker.send("POST", `/create-episode?userId=${userId}&seriesId=mornings`, { body: source.raw, headers: { "content-type": "message/rfc822" } })
  : send(JSON.stringify({ userId, seriesId: "mornings", source, ...fields }), {
    "content-type": "application/json", ...(key === undefined ? {} : { "idempotency-key": key }),
  });
async function accept(userId: string, source: Json, key?: string): Promise<Accepted> {
  const answer = await submit(userId, source, key);
  expect(answer).toMatchObject({ status: 202, body: { userId, seriesId: "mornings" } });
  return answer.body;
}
const form = (fields: Record<string, string | Blob>) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value as string);
  return form;
};
const text = async (job: Accepted, name: string) => (await worker.artifact(job, name)).bytes.toString();
const bucket = async () => (await worker.server.getWorker<Json>().getEnv()).ARTIFACTS;
const keys = async (prefix: string) => (await (await bucket()).list({ prefix })).objects.map(({ key }: Json) => key);

describe("a source", () => {
  test.each([
    ["url", "The lamp that counts", () => site.url("/good")],
    ["paste", "A pasted text", () => undefined],
    ["extension", "As it was shown", () => "https://intranet.example/story"],
    ["file", "From a file", () => "notes.md"],
    ["email", "By mail", () => "mailto:wim@writers.example"],
  ])("of the type %s becomes a text, captions and a page", async (type, title, from) => {
    const job = await accept(newUser(type), SOURCES[type]!());
    const { artifacts, kind } = await worker.until(job, "succeeded");
    expect(kind).toBe("episode");
    expect(artifacts.map(({ name, contentType }: Json) => [name, contentType])).toEqual([
      ["text.md", "text/markdown; charset=utf-8"], ["chapters.json", "application/json"],
      ["captions.vtt", expect.stringMatching(/^text\/vtt/)], ["page.html", "text/html; charset=utf-8"],
    ]);
    const chapters = JSON.parse(await text(job, "chapters.json"));
    expect(chapters).toMatchObject({ title, source: from() ?? null, words: expect.any(Number), minutes: expect.any(Number) });
    expect(chapters.chapters.length).toBe(["url", "extension"].includes(type) ? 2 : 1);
    for (const name of ["text.md", "captions.vtt", "page.html"]) expect(await text(job, name), name).toContain("Every lighthouse has a rhythm");
    expect(await text(job, "text.md")).not.toContain("All rights reserved");
    const page = await worker.artifact(job, "page.html");
    expect(page.headers.get("content-security-policy")).toBe("sandbox allow-scripts");
  });

  test("that is a file may come as a form", async () => {
    const userId = newUser("form");
    const file = new File([`<title>Of a form</title><article><p>${TEXT}</p></article>`], "page.html", { type: "text/html" });
    const answer = await send(form({ userId, seriesId: "mornings", userTier: "tier2", file }));
    expect(answer).toMatchObject({ status: 202, body: { tier: "tier2" } });
    await worker.until(answer.body, "succeeded");
    expect(JSON.parse(await text(answer.body, "chapters.json"))).toMatchObject({ title: "Of a form", source: "page.html" });
  });

  test("may have five mebibytes", async () => {
    const job = await accept(newUser("long"), paste(`${TEXT}\n\n`.repeat(5 * 1024 * 1024 / (TEXT.length + 2) | 0)));
    await worker.until(job, "succeeded");
    const { words } = JSON.parse(await text(job, "chapters.json"));
    expect(words).toBeGreaterThan(900_000);
    const file = new File(["x".repeat(5 * 1024 * 1024 + 1)], "long.txt");
    expect(await send(form({ userId: "u", seriesId: "s", file }))).toMatchObject({ status: 400, body: { errors: [{ pointer: "/file" }] } });
    expect(await send("x".repeat(7 * 1024 * 1024), { "content-type": "application/json" })).toMatchObject({ status: 413 });
  });

  test("that is wrong is refused with every fault, before anything is stored", async () => {
    const before = await keys("");
    const answer = await submit("a b", { type: "extension", url: "ftp://x", html: " " }, "two words", { extra: 1 });
    expect(answer.status).toBe(400);
    expect(answer.body.errors.map((error: Json) => error.pointer ?? error.header)).toEqual(
      ["Idempotency-Key", "/extra", "/source/url", "/source/html", "/userId"]);
    const named = form({ userId: "a b", other: "x", file: "no file" });
    expect((await send(named)).body.errors.map(({ pointer }: Json) => pointer)).toEqual(["/file", "/other", "/userId", "/seriesId"]);
    for (const address of ["http://10.0.0.1/", "http://0xa.1/", "https://printer.local/", "http://user:secret@example.com/", "https://example.com:8443/", "gopher://example.com/"]) {
      expect(await submit("u", { type: "url", url: address }), address).toMatchObject({ status: 400, body: { errors: [{ pointer: "/source/url" }] } });
    }
    expect(await send("a=b", { "content-type": "application/x-www-form-urlencoded" })).toMatchObject({ status: 415 });
    expect(await send("no boundary", { "content-type": "multipart/form-data" })).toMatchObject({ status: 400, body: { errors: [{ pointer: "" }] } });
    expect(await keys("")).toEqual(before);
  });
});

describe("a page", () => {
  test.each([["/plain", "A plain title"], ["/untyped", "Of no type"], ["/moved", "The lamp that counts"], ["/latin", "Köln"], ["/zipped", "Zipped"]])("at %s is read", async (path, title) => {
    const job = await accept(newUser("page"), url(path));
    await worker.until(job, "succeeded");
    expect(JSON.parse(await text(job, "chapters.json"))).toMatchObject({ title, source: site.url(path === "/moved" ? "/good" : path) });
  });

  test.each([
    ["/endless", "page_too_large", /5 MiB/], ["/bomb", "page_too_large", /5 MiB/],
    ["/loop", "too_many_redirects", /more than 5 times/], ["/nowhere", "page_refused", /302/],
    ["/private", "address_refused", /not on the public web/], ["/metadata", "address_refused", /not on the public web/],
    ["/file", "address_refused", /http/], ["/404", "page_refused", /no page at this address/], ["/403", "page_refused", /does not show this page/],
    ["/login", "no_text", /sign in/], ["/image", "no_text", /image\/png/], ["/lie", "no_text", /an image/], ["/short", "no_text", /only 12 words/],
    ["/tags", "no_text", /./],
  ])("at %s fails for good, and says so to its sender", async (path, code, message) => {
    const job = await accept(newUser("broken"), url(path));
    const { error, stages } = await worker.until(job, "failed");
    expect(error).toMatchObject({ code, message: expect.stringMatching(message) });
    expect(stages[0]).toMatchObject({ name: "process", status: "failed", attempts: 1 });
    expect(site.asked(path), "redirects").toBeLessThanOrEqual(path === "/loop" ? 6 : 1);
  });

  test.each([["/500", /status 500/], ["/429", /status 429/], ["/silent", /10 seconds/], ["/drip", /10 seconds/]])("at %s is tried again", async (path, message) => {
    const job = await accept(newUser("later"), url(path));
    const { error, stages } = await worker.until(job, "failed", 45_000);
    expect(error).toMatchObject({ code: "page_unavailable", message: expect.stringMatching(message) });
    expect(stages[0]).toMatchObject({ attempts: 2 });
    expect(site.asked(path)).toBe(2);
  });

  test("of a slow site holds up others of that site alone, and only until it ends", async () => {
    const drips = await Promise.all([0, 1, 2, 3].map(() => accept(newUser("slow"), url("/drip"))));
    await Promise.all(drips.map((drip) => worker.until(drip, "running")));
    const same = await accept(newUser("same"), url("/good"));
    const other = await accept(newUser("other"), { type: "url", url: site.url("/good").replace("127.0.0.1", "localhost") });
    await worker.until(other, "succeeded", 8_000);
    expect(await worker.job(same)).toMatchObject({ status: "running" });
    for (const drip of drips) await worker.cancel(drip);
    await worker.until(same, "succeeded", 45_000);
  });
});

describe("the account", () => {
  const subscription = (status: string) => ({ subscription: { status } });
  const STATES: [string, Json, string][] = [
    ["active", subscription("active"), "tier3"], ["trialing", subscription("trialing"), "tier3"],
    ["past due within the grace", subscription("past_due"), "tier3"], ["canceled", subscription("canceled"), "tier1"],
    ["complimentary", { accountType: "complimentary" }, "tier3"], ["unlimited", { accountType: "unlimited" }, "tier3"],
    ["none", undefined, "tier1"],
  ];
  const given = async (plan: Json, tier: string) => {
    for (const [type, source] of Object.entries(SOURCES)) {
      const userId = newUser("state");
      if (plan) expect(await worker.send("PUT", `/users/${userId}/plan`, { body: JSON.stringify(plan), headers: { "content-type": "application/json" } })).toMatchObject({ status: 200 });
      expect(await accept(userId, source()), type).toMatchObject({ tier, priority: Number(tier.slice(4)) });
    }
  };
  test.each(STATES)("that is %s gives each source its priority", (_, plan, tier) => given(plan, tier));

  test("that is past due gives none without a grace", async () => {
    await worker.crash({ ...VARS, PLANS: "{}" });
    await given(subscription("past_due"), "tier1");
    await worker.crash(VARS);
  });

  test("may say how long a text is", async () => {
    const KINDS = JSON.stringify({ story: { stages: ["image"] }, episode: { stages: ["process", "audio"], quotas: { tier1: { maxChars: 300 } } } });
    await worker.crash({ ...VARS, KINDS });
    expect(await submit(newUser("long"), paste())).toMatchObject({ status: 422, body: { limit: 300, used: TEXT.length } });
    const job = await accept(newUser("long"), url("/good"));
    expect(await worker.until(job, "failed")).toMatchObject({ error: { code: "text_too_long", message: expect.stringMatching(/your plan allows 300/) } });
    await worker.crash(VARS);
  });
});

test("a second episode waits for the first, and a story passes it", async () => {
  const userId = newUser("busy");
  const first = await accept(userId, url("/drip"));
  await worker.until(first, "running");
  const second = await accept(userId, paste());
  expect(await worker.until(second, "parked")).toMatchObject({ waiting: { reason: "kind_limit", active: 1, limit: 1 } });
  await worker.until(await worker.accept(story(userId)), "succeeded");
  expect(await worker.job(second)).toMatchObject({ status: "parked" });
  await worker.cancel(first);
  await worker.until(second, "succeeded");
});

describe("a text in the bucket", () => {
  const folder = ({ userId, jobId }: Accepted) => `stories/${userId}/${jobId}/`;

  test("belongs to one job, however often it is sent", async () => {
    const userId = newUser("again");
    const job = await accept(userId, paste(), "key");
    const again = await submit(userId, paste(), "key");
    expect(again).toMatchObject({ status: 202, body: { jobId: job.jobId } });
    expect(again.headers.get("idempotent-replayed")).toBe("true");
    expect(await submit(userId, paste(`${TEXT} More.`), "key")).toMatchObject({ status: 422, body: { type: "urn:story-queue:problem:idempotency-key-reused" } });
    const sources = (await keys(`stories/${userId}/`)).filter((key: string) => key.endsWith("/source"));
    expect(sources).toEqual([`${folder(job)}source`]);
    expect(await keys("unconfirmed/")).toEqual([]);
  });

  test("is gone with its user", async () => {
    const job = await accept(newUser("gone"), SOURCES.extension!());
    await worker.until(job, "succeeded");
    expect(await keys(folder(job))).toContain(`${folder(job)}source`);
    await eventually(async () => expect(await worker.send("DELETE", `/users/${job.userId}`)).toMatchObject({ status: 204 }));
    expect(await keys(folder(job))).toEqual([]);
  });
});
