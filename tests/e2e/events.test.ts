// Changes as they come: the stream of a user's events, and an answer that is held back until something changes.

import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { SECRET, tokenOf } from "./tokens";
import { eventually, newUser, startWorker, story, type Accepted, type Json, type Worker } from "./worker";

const KEY = "service-key-of-the-back-end-0123456789abcdef";
const VARS = { AUTH: "credentials", SERVICE_KEYS: KEY, JWT_SECRET: SECRET, SUBMIT_RATE_LIMIT: "off", STORYBOARD_PACE_MS: "100" };
const WATCHERS_MAX = 64;

type Event = { event: string; id?: string; data: Json };

let worker: Worker;
let service: ReturnType<Worker["as"]>;
beforeAll(async () => {
  worker = await startWorker(VARS, [], "tests/e2e/watchers.js");
  service = worker.as(KEY);
});
afterAll(() => worker.close());

const streams: Stream[] = [];
afterEach(() => { for (const stream of streams.splice(0)) stream.leave(); });

/** An open stream, read as it comes. */
class Stream {
  readonly events: Event[] = [];
  text = "";
  private readonly abort = new AbortController();

  static async open(userId: string, { query = "", headers = {} as Record<string, string>, credential = KEY } = {}) {
    const stream = new Stream();
    streams.push(stream);
    const response = await fetch(new URL(`/users/${userId}/events${query}`, worker.url), {
      headers: { accept: "text/event-stream", authorization: `Bearer ${credential}`, ...headers }, signal: stream.abort.signal,
    });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("text/event-stream");
    expect(response.headers.get("cache-control")).toBe("no-store, no-transform");
    void stream.read(response.body!);
    return stream;
  }

  private async read(body: ReadableStream<Uint8Array>) {
    try {
      const decoder = new TextDecoder();
      for await (const chunk of body as any) {
        this.text += decoder.decode(chunk, { stream: true });
        const blocks = this.text.split("\n\n").slice(0, -1);
        this.events.splice(0, Infinity, ...blocks.flatMap((block) => {
          const fields = Object.fromEntries(block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)]));
          return fields.data === undefined ? [] : [{ ...fields, data: JSON.parse(fields.data) } as Event];
        }));
      }
    } catch {
      // It was left.
    }
  }

  leave() { this.abort.abort(); }

  /** The first event that is such. */
  until = (is: (event: Event) => boolean) => eventually(() => {
    const found = this.events.find(is);
    expect(found, this.text).toBeDefined();
    return found!;
  }, 10_000);

  live = () => this.until(({ event }) => event === "live");
  status = ({ jobId }: Accepted, status: string) => this.until(({ data }) => data.jobId === jobId && data.status === status);
  /** What was said of the job, each once. */
  steps = ({ jobId }: Accepted) => this.events
    .filter(({ data }) => data.jobId === jobId)
    .map(({ data }) => `${data.status} ${data.stage.name}${data.cancelRequested ? ", to be cancelled" : ""}`)
    .filter((step, index, all) => step !== all[index - 1]);
}

const open = async (userId: string) => {
  const { GATES } = await worker.server.getWorker().getEnv();
  const answer = await GATES.getByName(userId).fetch("https://object/", { headers: { "x-count": "1" } });
  return Number(await answer.text());
};

describe("a stream of events", () => {
  test("says each step of a job in order, to its user and to the service", async () => {
    const userId = newUser("mara");
    const both = [await Stream.open(userId, { credential: tokenOf(userId) }), await Stream.open(userId)];
    for (const stream of both) await stream.live();
    const job = await service.accept(story(userId, { scenes: 2 }));
    const shown = await Promise.all(both.map((stream) => stream.status(job, "succeeded")));
    for (const stream of both) {
      expect(stream.steps(job)).toEqual(["queued image", "running image", "running audio", "running video", "succeeded video"]);
      const ids = stream.events.map(({ id }) => Number(id));
      expect(ids).toEqual(ids.toSorted((one, other) => one - other));
    }
    expect(shown[0]!.data).toEqual(await service.job(job));
    expect(both[0]!.text).toMatch(/^retry: 2000\n\n/);
  });

  test("says that a job is to be cancelled, and that it was", async () => {
    const userId = newUser("theo");
    const stream = await Stream.open(userId);
    await stream.live();
    const job = await service.accept(story(userId, { scenes: 10 }));
    await stream.status(job, "running");
    expect(await service.cancel(job)).toMatchObject({ status: 202 });
    await stream.status(job, "cancelled");
    expect(stream.steps(job)).toEqual(["queued image", "running image", "running image, to be cancelled", "cancelled image, to be cancelled"]);
  });

  test("begins with what has not ended, without ids", async () => {
    const userId = newUser("ines");
    const ended = await service.accept(story(userId));
    await service.until(ended, "succeeded");
    const waits = await service.accept(story(userId, { notBefore: new Date(Date.now() + 3_600_000).toISOString() }));
    const stream = await Stream.open(userId);
    const live = await stream.live();
    expect(stream.events.slice(0, -1).map(({ data, id }) => [data.jobId, data.status, id])).toEqual([[waits.jobId, "scheduled", undefined]]);
    expect(Date.parse(live.data.at)).toBe(Number(live.id));
  });

  test.each(["Last-Event-ID", "since"])("that broke off is taken up where it was, by %s", async (how) => {
    const userId = newUser("mara");
    const first = await Stream.open(userId);
    await first.live();
    const known = await service.accept(story(userId, { scenes: 2 }));
    const { id } = await first.status(known, "running");
    first.leave();
    const missed = await service.accept(story(userId));
    for (const job of [known, missed]) await service.until(job, "succeeded");
    const second = await Stream.open(userId, how === "since" ? { query: `?since=${id}` } : { headers: { "last-event-id": id! } });
    await second.live();
    expect(second.steps(known)).toEqual(["succeeded video"]);
    expect(second.steps(missed)).toEqual(["succeeded video"]);
    expect(second.events).toHaveLength(3);
  });

  test("goes on while the gate is evicted again and again", async () => {
    const userId = newUser("theo");
    const stream = await Stream.open(userId);
    await stream.live();
    const runtime = worker.server.getWorker();
    const evict = async () => {
      // Only one that has been called is there to be evicted.
      await service.user(userId);
      await runtime.evictDurableObject("GateObject", { name: userId, webSockets: "hibernate" });
    };
    await evict();
    const job = await service.accept(story(userId, { scenes: 4 }));
    await eventually(async () => {
      await evict();
      expect(stream.steps(job).at(-1)).toBe("succeeded video");
    });
    expect(stream.steps(job)).toEqual(["queued image", "running image", "running audio", "running video", "succeeded video"]);
    expect(await open(userId)).toBe(1);
  });

  test("is refused to others, and to who sends nonsense", async () => {
    const [mara, theo] = [newUser("mara"), newUser("theo")];
    const events = `/users/${mara}/events`;
    expect(await worker.as(tokenOf(theo)).send("GET", events)).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:no-such-user" } });
    expect(await worker.send("GET", events)).toMatchObject({ status: 401 });
    expect(await service.send("GET", `${events}?since=yesterday`)).toMatchObject({ status: 400, body: { errors: [{ parameter: "since" }] } });
    expect(await service.send("GET", events, { headers: { "last-event-id": "x" } })).toMatchObject({ status: 400, body: { errors: [{ header: "Last-Event-ID" }] } });
    expect(await service.send("POST", events)).toMatchObject({ status: 405 });
    const head = await service.send("HEAD", events);
    expect([head.status, head.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
    expect(await open(mara)).toBe(0);
  });

  test("of too many the oldest end, and those that leave are closed", async () => {
    const userId = newUser("ines");
    const all = [];
    for (let count = 0; count < WATCHERS_MAX + 6; count += 1) all.push(await Stream.open(userId));
    const newest = all.at(-1)!;
    await newest.live();
    expect(await open(userId)).toBe(WATCHERS_MAX);
    // The platform says nothing of clients that leave, but the next word to them fails.
    for (const stream of all.slice(0, -1)) stream.leave();
    const job = await service.accept(story(userId));
    await newest.status(job, "succeeded");
    await eventually(async () => expect(await open(userId)).toBe(1));
  });
});

describe("an answer about one job", () => {
  const HOUR = 3_600_000;
  const scheduled = (userId: string) => service.accept(story(userId, { notBefore: new Date(Date.now() + HOUR).toISOString() }));
  const ask = async ({ userId, jobId }: Accepted, headers: Record<string, string>) => {
    const began = Date.now();
    const answer = await service.send("GET", `/users/${userId}/jobs/${jobId}`, { headers });
    return { ...answer, took: Date.now() - began, etag: answer.headers.get("etag")!, applied: answer.headers.get("preference-applied") };
  };

  test("is held back until the job changes", async () => {
    const job = await scheduled(newUser("mara"));
    const held = ask(job, { prefer: "wait=30" });
    await eventually(async () => expect(await open(job.userId)).toBe(1));
    expect(await service.cancel(job)).toMatchObject({ status: 200 });
    const answer = await held;
    expect(answer).toMatchObject({ status: 200, applied: "wait=30", body: { status: "cancelled" } });
    expect(answer.took).toBeLessThan(5_000);
    await eventually(async () => expect(await open(job.userId)).toBe(0));
  });

  test("is held back no longer than that, and no other job's change ends it", async () => {
    const userId = newUser("theo");
    const job = await scheduled(userId);
    const held = ask(job, { prefer: "respond-async, wait=2" });
    await service.until(await service.accept(story(userId)), "succeeded");
    const answer = await held;
    expect(answer).toMatchObject({ status: 200, applied: "wait=2", body: { status: "scheduled" } });
    expect(answer.took).toBeGreaterThanOrEqual(1_900);
    expect(answer.took).toBeLessThan(5_000);
  });

  test("is told apart by its tag", async () => {
    const job = await scheduled(newUser("ines"));
    const known = await ask(job, {});
    expect(known).toMatchObject({ status: 200, etag: expect.stringMatching(/^W\/"\d+"$/), applied: null });
    expect(await ask(job, { "if-none-match": known.etag })).toMatchObject({ status: 304, etag: known.etag, bytes: Buffer.alloc(0) });
    const same = await ask(job, { "if-none-match": known.etag, prefer: "wait=1" });
    expect(same).toMatchObject({ status: 304, applied: "wait=1" });
    expect(same.took).toBeGreaterThanOrEqual(900);
    await service.cancel(job);
    for (const headers of [{ "if-none-match": known.etag, prefer: "wait=30" }, { prefer: "wait=30" }]) {
      const other = await ask(job, headers);
      expect(other).toMatchObject({ status: 200, body: { status: "cancelled" } });
      expect(other.etag).not.toBe(known.etag);
      expect(other.took).toBeLessThan(2_000);
    }
  });

  test("comes also while the gate is evicted", async () => {
    const job = await scheduled(newUser("mara"));
    const held = ask(job, { prefer: "wait=30" });
    await eventually(async () => expect(await open(job.userId)).toBe(1));
    await worker.server.getWorker().evictDurableObject("GateObject", { name: job.userId, webSockets: "hibernate" });
    await service.cancel(job);
    expect(await held).toMatchObject({ status: 200, body: { status: "cancelled" } });
  });
});
