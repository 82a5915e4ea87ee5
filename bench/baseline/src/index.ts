// The obvious design, whole. See ../README.md.

import { DurableObject } from "cloudflare:workers";

interface Env {
  JOBS: Queue<Job>;
  COUNTERS: DurableObjectNamespace<UserCounter>;
  RETRY_SECONDS: string;
  WAIT_MS: string;
  LOG_COSTS: string;
}

interface Job {
  jobId: string;
  userId: string;
  tier: Tier;
  priority: number;
  submittedAt: number;
  story: unknown;
}

const TIERS = {
  tier1: { maxConcurrentJobs: 2, maxBatchSize: 3, priority: 1 },
  tier2: { maxConcurrentJobs: 5, maxBatchSize: 5, priority: 2 },
  tier3: { maxConcurrentJobs: 10, maxBatchSize: 10, priority: 3 },
  tier4: { maxConcurrentJobs: 20, maxBatchSize: 15, priority: 4 },
};
type Tier = keyof typeof TIERS;

/** Longest that a job may hold its place without giving it back. */
const LEASE_MS = 300_000;

const cost = (env: Env, facts: object) => {
  if (env.LOG_COSTS === "on") console.log(JSON.stringify(facts));
};

/** The places of one user: a row for each job that runs. */
export class UserCounter extends DurableObject<Env> {
  private rows = { read: 0, written: 0 };

  constructor(state: DurableObjectState, env: Env) {
    super(state, env);
    this.exec("CREATE TABLE IF NOT EXISTS active (job_id TEXT PRIMARY KEY, until INTEGER NOT NULL) WITHOUT ROWID");
  }

  acquire(jobId: string, limit: number): { admitted: boolean } {
    this.exec("DELETE FROM active WHERE until < ?", Date.now());
    const [{ active }] = this.exec("SELECT count(*) AS active FROM active WHERE job_id <> ?", jobId) as [{ active: number }];
    const admitted = active < limit;
    if (admitted) this.exec("INSERT OR REPLACE INTO active VALUES (?, ?)", jobId, Date.now() + LEASE_MS);
    this.turn();
    return { admitted };
  }

  release(jobId: string): void {
    this.exec("DELETE FROM active WHERE job_id = ?", jobId);
    this.turn();
  }

  private exec(sql: string, ...bindings: (string | number)[]) {
    const cursor = this.ctx.storage.sql.exec(sql, ...bindings);
    const rows = cursor.toArray();
    this.rows.read += cursor.rowsRead;
    this.rows.written += cursor.rowsWritten;
    return rows;
  }

  private turn() {
    const { read, written } = this.rows;
    this.rows = { read: 0, written: 0 };
    cost(this.env, { event: "turn", object: "counter", trigger: "call", rowsRead: read, rowsWritten: written, alarmsSet: 0 });
  }
}

const counterOf = (env: Env, userId: string) => env.COUNTERS.get(env.COUNTERS.idFromName(userId));

/** Takes a place for the job, or puts its message back. */
async function admit(message: Message<Job>, env: Env): Promise<boolean> {
  const { jobId, userId, tier, priority } = message.body;
  const { admitted } = await counterOf(env, userId).acquire(jobId, TIERS[tier].maxConcurrentJobs);
  if (!admitted) {
    console.log(JSON.stringify({ event: "parked", jobId, userId, tier, priority }));
    message.retry({ delaySeconds: Number(env.RETRY_SECONDS) });
  }
  return admitted;
}

async function run(message: Message<Job>, env: Env): Promise<void> {
  const { jobId, userId, tier, priority, submittedAt } = message.body;
  const started = Date.now();
  console.log(JSON.stringify({ event: "started", jobId, userId, tier, priority, waitMs: started - submittedAt }));
  try {
    await new Promise((resolve) => setTimeout(resolve, Number(env.WAIT_MS)));
    console.log(JSON.stringify({ event: "succeeded", jobId, userId, tier, priority, durationMs: Date.now() - started }));
    message.ack();
  } catch {
    message.retry();
  } finally {
    await counterOf(env, userId).release(jobId);
  }
}

export default {
  async fetch(request, env): Promise<Response> {
    const { pathname } = new URL(request.url);
    if (pathname === "/healthz") return Response.json({ status: "ok" });
    if (request.method !== "POST" || pathname !== "/create-story") return new Response("Not found", { status: 404 });
    const { userId, userTier, ...story } = (await request.json()) as { userId: string; userTier?: Tier };
    const tier = userTier ?? "tier1";
    if (!userId || !(tier in TIERS)) return Response.json({ error: "userId and a known userTier are required" }, { status: 400 });
    const job: Job = { jobId: crypto.randomUUID(), userId, tier, priority: TIERS[tier].priority, submittedAt: Date.now(), story };
    await env.JOBS.send(job);
    return Response.json({ jobId: job.jobId, status: "queued" }, { status: 202 });
  },

  async queue(batch, env): Promise<void> {
    cost(env, { event: "delivery", queue: batch.queue, messages: batch.messages.length });
    const sorted = [...batch.messages].sort((one, other) =>
      other.body.priority - one.body.priority || one.body.submittedAt - other.body.submittedAt);
    const places = await Promise.all(sorted.map((message) => admit(message, env)));
    const tiers = Map.groupBy(sorted.filter((_, index) => places[index]), ({ body }) => body.tier);
    await Promise.all([...tiers].map(async ([tier, messages]) => {
      const size = TIERS[tier].maxBatchSize;
      for (let from = 0; from < messages.length; from += size) {
        await Promise.all(messages.slice(from, from + size).map((message) => run(message, env)));
      }
    }));
  },
} satisfies ExportedHandler<Env, Job>;
