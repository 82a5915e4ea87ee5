// Calls one object of the Worker beside it as its consumer does, at a rate or as fast as it answers, and says how long
// each call took. See scripts/bench/objects.mjs.

const USER = "bench";
const STORY = JSON.stringify({ script: { title: "T", scenes: [{ narration: "The lamp is lit." }] }, videoConfig: { width: 640, height: 360 } });
/** Rows that one call brings in, and calls under way at once, while a line is filled. */
const [BATCH, AT_ONCE] = [500, 16];
/** Deliveries at the pool, and slots of each: less than a tier's batch size, so that one call brings them. */
const [CHAINS, SLOTS] = [16, 3];

let made = 0;
/** An id that sorts by when it was made. */
const nextId = () => {
  const hex = Date.now().toString(16).padStart(12, "0");
  const count = (made++).toString(16).padStart(12, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${count}`;
};

async function ask(namespace, name, command) {
  const from = Date.now();
  const response = await namespace.getByName(name).fetch("https://object/", { method: "POST", body: JSON.stringify(command) });
  const text = await response.text();
  if (response.status !== 200) throw new Error(text);
  return { reply: JSON.parse(text), ms: Date.now() - from };
}

/** Calls in groups of `AT_ONCE`; resolves with all replies in order. */
async function inGroups(count, call) {
  const replies = [];
  for (let from = 0; from < count; from += AT_ONCE) {
    const group = Array.from({ length: Math.min(AT_ONCE, count - from) }, call);
    replies.push(...(await Promise.all(group)).map(({ reply }) => reply));
  }
  return replies;
}

/** The gate of one user: `held` jobs run. */
const gate = {
  CALLS: 3,
  held: [],
  ask: (env, command) => ask(env.GATES, USER, { userId: USER, command }),
  submit(env) {
    const job = { jobId: nextId(), kind: "still", seriesId: "s", statedTier: "tier4", payload: STORY, idempotency: null };
    return this.ask(env, { op: "submit", ...job });
  },
  async start(env, jobs) {
    const { reply, ms } = await this.ask(env, { op: "start", holder: "bench", jobs });
    for (const [index, start] of reply.starts.entries()) {
      if (start.is !== "run") throw new Error(`${jobs[index].jobId} was to start`);
      this.held.push({ jobId: jobs[index].jobId, epoch: start.epoch });
    }
    return ms;
  },
  async fill(env, count) {
    const jobs = (await inGroups(count, () => this.submit(env))).map(({ job }) => job);
    const granted = jobs.filter(({ state }) => state === "queued");
    await this.start(env, granted.map(({ jobId, epoch }) => ({ jobId, epoch })));
    return count - granted.length;
  },
  /** One job comes, one ends, and the next starts. */
  async *round(env) {
    yield (await this.submit(env)).ms;
    const ended = this.held.shift();
    const { reply, ms } = await this.ask(env, { op: "complete", ...ended, artifacts: [], going: { carries: true } });
    yield ms;
    yield await this.start(env, reply.granted.map(({ ticket: { jobId, epoch } }) => ({ jobId, epoch })));
  },
};

/** The pool: likewise, with the slots of `CHAINS` deliveries, each of which makes one call at a time. */
const pool = {
  CALLS: 2,
  held: [],
  ask: (env, command) => ask(env.POOLS, "stories", command),
  want() {
    const [jobId, rank] = [nextId(), Date.now() + made];
    const ticket = { jobId, userId: `user-${made % 1000}`, kind: "still", stage: "image", tier: "tier1", priority: 1, submittedAt: rank, epoch: 1, weight: 0 };
    return { ticket, rank };
  },
  tell(env, wants) {
    return this.ask(env, { op: "tell", wants, ticketed: true });
  },
  /** Gives slots back and takes as many jobs; confirms those that it took last. */
  async exchange(env, chain, freed, places) {
    const offer = { places, room: 2 ** 40 };
    const has = (this.held[chain] ??= { calls: 0, taken: [], jobs: [] });
    has.calls += 1;
    const command = { op: "exchange", delivery: `chain-${chain}`, began: 1, call: has.calls, freed, running: has.taken, offer, stays: true };
    const { reply, ms } = await this.ask(env, command);
    has.taken = (reply.jobs ?? []).map(({ ticket: { jobId, epoch } }) => ({ jobId, epoch }));
    has.jobs.push(...has.taken);
    return ms;
  },
  async fill(env, count) {
    for (let left = count; left > 0; left -= BATCH) {
      await this.tell(env, Array.from({ length: Math.min(BATCH, left) }, () => this.want()));
    }
    for (let chain = 0; chain < CHAINS; chain += 1) await this.exchange(env, chain, [], SLOTS);
    // The last exchange confirms what the one before took.
    for (let chain = 0; chain < CHAINS; chain += 1) await this.exchange(env, chain, [], 0);
    return count - CHAINS * SLOTS;
  },
  /** One job comes, one ends, and the next takes its slot. */
  async *round(env, chain) {
    yield (await this.tell(env, [this.want()])).ms;
    yield await this.exchange(env, chain, [this.held[chain].jobs.shift()], 1);
  },
};

/** One round after another in each of the chains; `perSecond` calls are offered, or as many as are answered. */
async function load(env, object, { seconds, perSecond }) {
  const latencies = [];
  const from = Date.now();
  const until = from + seconds * 1000;
  let begun = 0;
  const due = () => (perSecond ? from + (begun * object.CALLS * 1000) / perSecond : 0);
  await Promise.all(Array.from({ length: CHAINS }, async (_, chain) => {
    while (Date.now() < until) {
      const wait = due() - Date.now();
      begun += 1;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      for await (const ms of object.round(env, chain)) latencies.push(ms);
    }
  }));
  return { calls: latencies.length, seconds: (Date.now() - from) / 1000, latencies };
}

export default {
  async fetch(request, env) {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return Response.json({ status: "ok" });
    const { kind, ...how } = await request.json();
    const object = kind === "gate" ? gate : pool;
    if (pathname === "/fill") {
      const parked = await object.fill(env, how.count);
      return Response.json({ held: object.held, parked });
    }
    // After a restart: who holds.
    if (pathname === "/adopt") object.held = how.held;
    return Response.json(pathname === "/load" ? await load(env, object, how) : {});
  },
};
