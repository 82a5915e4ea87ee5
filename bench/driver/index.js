// Calls one object of the Worker beside it as its consumer does, at a rate or as fast as it answers, and says how long
// each call took. See scripts/bench/objects.mjs.

const USER = "bench";
const STORY = JSON.stringify({ script: { title: "T", scenes: [{ narration: "The lamp is lit." }] }, videoConfig: { width: 640, height: 360 } });
/** Rows that one call brings in, and calls under way at once, while a line is filled. */
const [BATCH, AT_ONCE] = [500, 16];

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

/** Parked rows, best first: some by name, then so many copies that were put into the object's storage, then more by name. */
class Line {
  constructor(named = [], copies = 0) {
    Object.assign(this, { named, copies, copied: 0, after: [] });
  }
  get length() {
    return this.named.length + this.copies - this.copied + this.after.length;
  }
  push(row) {
    (this.copies > 0 ? this.after : this.named).push(row);
  }
  take(ofCopy) {
    if (this.named.length > 0) return this.named.shift();
    if (this.copied < this.copies) return ofCopy(copyId(++this.copied));
    return this.after.shift();
  }
}
/** The id of a copy, as scripts/bench/objects.mjs makes it. */
const copyId = (count) => `ffffffff-0000-7000-8000-${count.toString(16).padStart(12, "0")}`;

/** The gate of one user: `held` jobs run, those in `line` are parked. */
const gate = {
  held: [],
  line: new Line(),
  ofCopy: (jobId) => ({ jobId }),
  ask: (env, command) => ask(env.GATES, USER, { userId: USER, command }),
  submit(env) {
    const job = { jobId: nextId(), kind: "still", seriesId: "s", statedTier: "tier4", payload: STORY, idempotency: null };
    return this.ask(env, { op: "submit", ...job });
  },
  admit(env, jobs) {
    return this.ask(env, { op: "admit", holder: "bench", jobs });
  },
  settle(jobs, admissions) {
    for (const [index, { jobId, rank }] of jobs.entries()) {
      const admission = admissions[index];
      if (admission.is === "run") this.held.push({ jobId, epoch: admission.epoch });
      else this.line.push({ jobId, rank });
    }
  },
  async fill(env, count) {
    for (let left = count; left > 0; left -= BATCH) {
      const jobs = (await inGroups(Math.min(BATCH, left), () => this.submit(env))).map(({ job }) => job);
      const { reply } = await this.admit(env, jobs.map(({ jobId }) => jobId));
      this.settle(jobs, reply.admissions);
    }
    this.line.named.sort((one, other) => one.rank - other.rank || (one.jobId < other.jobId ? -1 : 1));
  },
  /** One job comes, one ends, and the next starts: four calls, and as many are parked as before. */
  async *round(env) {
    const submitted = await this.submit(env);
    yield submitted.ms;
    const { job } = submitted.reply;
    const parked = await this.admit(env, [job.jobId]);
    this.settle([job], parked.reply.admissions);
    yield parked.ms;
    const ended = this.held.shift();
    yield (await this.ask(env, { op: "complete", jobId: ended.jobId, epoch: ended.epoch, artifacts: [] })).ms;
    const next = this.line.take(this.ofCopy);
    const started = await this.admit(env, [next.jobId]);
    if (started.reply.admissions[0].is !== "run") throw new Error(`${next.jobId} was to be the next`);
    this.settle([next], started.reply.admissions);
    yield started.ms;
  },
};

/** The pool: likewise, with slots. */
const pool = {
  held: [],
  line: new Line(),
  ask: (env, command) => ask(env.POOLS, "stories", command),
  want(jobId = nextId(), rank = Date.now() + made) {
    const ticket = { jobId, userId: `user-${made % 1000}`, kind: "still", stage: "image", tier: "tier1", priority: 1, submittedAt: rank, epoch: 1 };
    return { ticket, epoch: 1, rank };
  },
  // The pool keeps the rank that it has.
  ofCopy: (jobId) => pool.want(jobId, 0),
  claim(env, wants) {
    return this.ask(env, { op: "claim", wants });
  },
  settle(wants, claimed) {
    for (const [index, want] of wants.entries()) (claimed[index] === "slot" ? this.held : this.line).push(want);
  },
  async fill(env, count) {
    for (let left = count; left > 0; left -= BATCH) {
      const wants = Array.from({ length: Math.min(BATCH, left) }, () => this.want());
      this.settle(wants, (await this.claim(env, wants)).reply.claimed);
    }
  },
  /** One job comes, one ends, and the next starts: three calls. */
  async *round(env) {
    const wants = [this.want()];
    const parked = await this.claim(env, wants);
    this.settle(wants, parked.reply.claimed);
    yield parked.ms;
    const ended = this.held.shift();
    yield (await this.ask(env, { op: "release", jobs: [{ jobId: ended.ticket.jobId, epoch: ended.epoch }] })).ms;
    const next = this.line.take(this.ofCopy);
    const started = await this.claim(env, [next]);
    this.settle([next], started.reply.claimed);
    yield started.ms;
  },
};

/** One round after another, at most `chains` side by side; `perSecond` calls are offered, or as many as are answered. */
async function load(env, object, { seconds, perSecond, chains }) {
  const CALLS = object === gate ? 4 : 3;
  const latencies = [];
  const from = Date.now();
  const until = from + seconds * 1000;
  let begun = 0;
  const due = () => (perSecond ? from + (begun * CALLS * 1000) / perSecond : 0);
  await Promise.all(Array.from({ length: chains }, async () => {
    while (Date.now() < until) {
      const wait = due() - Date.now();
      begun += 1;
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      for await (const ms of object.round(env)) latencies.push(ms);
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
      await object.fill(env, how.count);
      return Response.json({ held: object.held, parked: object.line.named });
    }
    // After a restart: who holds and who is parked, and how many copies come after them.
    if (pathname === "/adopt") Object.assign(object, { held: how.held, line: new Line(how.parked, how.copies) });
    const result = pathname === "/load" ? await load(env, object, how) : {};
    return Response.json({ ...result, held: object.held.length, parked: object.line.length });
  },
};
