// The built Worker on local workerd, as wrangler.toml describes it, and one function for each of its routes.

import { createTestHarness, unstable_readConfig as readConfig } from "wrangler";
import { expect, vi } from "vitest";
import { startParallel } from "../../scripts/queue/parallel.mjs";
import { DEFAULTS } from "./defaults";
import { Unsaid } from "./unsaid";

export type Vars = Record<string, string>;
export type Json = any;
export type Accepted = { jobId: string; userId: string; [field: string]: Json };

/** What came back, read whole; `body` is the parsed JSON, if it is any. */
export interface Answer {
  status: number;
  headers: Headers;
  bytes: Buffer;
  body: Json;
}

/** Polls until `check` no longer throws, and returns what it returns. */
export const eventually = <T>(check: () => T | Promise<T>, within = 30_000): Promise<T> =>
  vi.waitFor(check, { timeout: within, interval: 25 });

/** A user that no other test knows. */
export const newUser = (name: string) => `${name}.${crypto.randomUUID()}`;

/** The body of a submission; `scenes` says how many there are, and so how long it takes at a pace. */
export const story = (userId: string, { scenes = 1, ...fields }: { scenes?: number; [field: string]: Json } = {}) => ({
  userId,
  seriesId: "series-1",
  script: {
    title: "The Lighthouse",
    scenes: Array.from({ length: scenes }, (_, index) => ({ narration: `Scene ${index + 1}: the lamp is lit.` })),
  },
  videoConfig: { width: 640, height: 360 },
  ...fields,
});

/** A second Worker that may write to every queue, as an operator can. */
export const operator = {
  config: {
    name: "operator",
    main: "tests/e2e/operator.js",
    compatibility_date: "2026-11-01",
    queues: {
      producers: [
        { binding: "STORIES", queue: "stories" },
        { binding: "DEAD_LETTERS", queue: "stories-dlq" },
      ],
    },
  },
};

export type Worker = Awaited<ReturnType<typeof startWorker>>;

/** As wrangler.toml says, but with that main file, around what is built; without the page. */
function startingAt(main: string, vars: Vars) {
  const { build, assets, triggers, secrets, ...config } = readConfig({ config: "wrangler.toml" });
  return { config: { ...config, main, vars: { ...config.vars, ...vars } } as Json };
}

/**
 * Starts the Worker, with storage of its own; `vars` go over those of wrangler.toml. Open, unless they say otherwise. With
 * `main`, a file that wraps what is built.
 */
export async function startWorker(vars: Vars = {}, beside: (typeof operator)[] = [], main?: string) {
  const unsaid = new Unsaid();
  const options = (vars: Vars) => {
    unsaid.settings(vars);
    const all = { ...DEFAULTS, ...vars };
    const worker = main === undefined ? { configPath: "./wrangler.toml", vars: all } : startingAt(main, all);
    return { workers: [worker, ...beside] };
  };
  const server = createTestHarness(options(vars));
  const { url } = await server.listen();

  const request = asking(unsaid, (path, init) => fetch(new URL(path, url), init));
  const lines = () => server.getLogs().map(({ message }) => message);
  const checkLines = () => expect(unsaid.leaks(lines()), "lines that say what none may").toEqual([]);

  return {
    ...routes(request),
    /** The same, by somebody who shows that credential. */
    as: (credential: string) => routes((method, path, { headers, ...init }) => {
      const all = new Headers(headers);
      all.set("authorization", `Bearer ${credential}`);
      return request(method, path, { headers: all, ...init });
    }),
    server,
    url: String(url),
    /** Every line logged so far, oldest first. */
    lines,
    /** Every line logged so far about that job. */
    linesOf: ({ jobId }: { jobId: string }) => lines().filter((line) => line.includes(jobId)),

    /** Ends workerd at once, with all it was doing and all its queues held, and starts it on the same storage. */
    crash: (vars: Vars) => server.update(options(vars)),
    /** Ends it, and makes sure that nothing it ever logged says what none may. */
    close: async () => {
      try {
        checkLines();
      } finally {
        await server.close();
      }
    },
  };
}

/**
 * The same with a queue that delivers to consumers side by side and goes wrong as `broker` says (scripts/queue). It runs
 * what is built.
 */
export async function startSideBySide(vars: Vars, broker: Json) {
  const unsaid = new Unsaid();
  unsaid.settings(vars);
  const worker = await startParallel({ config: "wrangler.toml", queue: "stories", vars: { ...DEFAULTS, ...vars }, broker });
  return {
    ...routes(asking(unsaid, worker.fetch)),
    broker: worker.broker,
    /** Every event logged so far, oldest first; with `LOG_FORMAT` json. */
    events: worker.events as () => Json[],
    close: async () => {
      try {
        expect(unsaid.leaks(worker.lines()), "lines that say what none may").toEqual([]);
      } finally {
        await worker.close();
      }
    },
  };
}

/** Asks, remembers what was shown, and reads the answer whole. */
const asking = (unsaid: Unsaid, fetch: (path: string, init: RequestInit) => Promise<Response>) =>
  async (method: string, path: string, init: RequestInit): Promise<Answer> => {
    unsaid.request(init);
    const response = await fetch(path, { method, redirect: "manual", ...init });
    const bytes = Buffer.from(await response.arrayBuffer());
    const isJson = /[/+]json$/.test(response.headers.get("content-type") ?? "");
    const body = isJson && bytes.length > 0 ? JSON.parse(bytes.toString()) : null;
    return { status: response.status, headers: response.headers, bytes, body };
  };

type Send = (method: string, path: string, init: RequestInit) => Promise<Answer>;

/** One function for each route. */
function routes(request: Send) {
  const send = (method: string, path: string, init: RequestInit = {}) => request(method, path, init);
  const post = (body: BodyInit, headers: Record<string, string> = {}) =>
    send("POST", "/create-story", { body, headers: { "content-type": "application/json", ...headers } });
  const submit = (body: Json, key?: string) =>
    post(JSON.stringify(body), key === undefined ? {} : { "idempotency-key": key });
  const get = async (path: string) => {
    const { status, body } = await send("GET", path);
    expect({ path, status }).toEqual({ path, status: 200 });
    return body;
  };
  const job = ({ userId, jobId }: Accepted) => get(`/users/${userId}/jobs/${jobId}`);

  return {
    send,
    post,
    submit,
    job,
    /** Submits a story that must be accepted. */
    accept: async (body: Json, key?: string): Promise<Accepted> => {
      const answer = await submit(body, key);
      expect(answer).toMatchObject({ status: 202 });
      return answer.body;
    },
    tiers: () => get("/tiers"),
    user: (userId: string) => get(`/users/${userId}`),
    jobs: (userId: string, query = "") => get(`/users/${userId}/jobs${query}`),
    cancel: ({ userId, jobId }: Accepted) => send("DELETE", `/users/${userId}/jobs/${jobId}`),
    artifact: ({ userId, jobId }: Accepted, name: string) =>
      send("GET", `/users/${userId}/jobs/${jobId}/artifacts/${name}`),
    deadLetters: async () => (await get("/dead-letters")).deadLetters,

    /** Waits until the job is in that state, and returns it. */
    until: (accepted: Accepted, status: string, within?: number): Promise<Json> =>
      eventually(async () => {
        const found = await job(accepted);
        expect(found).toMatchObject({ status });
        return found;
      }, within),
  };
}

/** The ticket that stands for the job's first stage, as the Worker writes it. */
export const ticketOf = ({ jobId, userId, tier, priority, submittedAt }: Accepted) =>
  JSON.stringify({ v: 1, jobId, userId, kind: "story", stage: "image", tier, priority, submittedAt: Date.parse(submittedAt) });

/**
 * Submits while every slot of the pool is taken, so that all of it waits in the line together. Needs a pace, and a pool
 * with that capacity.
 */
export async function whileFull<T>(worker: Worker, capacity: number, submitting: () => Promise<T>, scenes = 20): Promise<T> {
  const holders = await Promise.all(Array.from({ length: capacity }, () =>
    worker.accept(story(newUser("holder"), { scenes, userTier: "tier4" }))));
  await Promise.all(holders.map((holder) => worker.until(holder, "running")));
  const submitted = await submitting();
  // 202: each still runs, and ends with this stage, or with the next renewal of its lease.
  for (const holder of holders) expect(await worker.cancel(holder)).toMatchObject({ status: 202 });
  return submitted;
}
