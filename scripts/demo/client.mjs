// The Worker's HTTP interface, one function per route.

const REQUEST_TIMEOUT_MS = 10_000;
const PAGE = 100;

export class HttpError extends Error {
  constructor(method, path, status, problem) {
    const fields = (problem?.errors ?? []).map(({ pointer, detail }) => `${pointer} ${detail}`);
    const why = [problem?.detail ?? problem?.title, ...fields].filter(Boolean).join('; ');
    super(`${method} ${path} answered ${status}${why ? `: ${why}` : ''}`);
    this.status = status;
  }
}

class ConnectionError extends Error {}

/** Whether the same request may succeed later: the connection broke, or the Worker is busy. */
export function isTransient(error) {
  return error instanceof ConnectionError || (error instanceof HttpError && (error.status === 429 || error.status >= 500));
}

/** `signal` ends every request at once. */
export function createClient(base, signal) {
  async function request(method, path, options = {}) {
    const url = new URL(path, base);
    const { ok, status, body } = await exchange(url, { method, ...options }, signal).catch((error) => {
      throw new ConnectionError(`${method} ${path} got no answer: ${error.cause?.message ?? error.message}`);
    });
    if (!ok) throw new HttpError(method, path, status, parse(body));
    return body;
  }
  const json = async (path) => JSON.parse(await request('GET', path));
  const submit = async (path, body, key) => {
    const headers = { 'content-type': 'application/json', 'idempotency-key': key };
    return JSON.parse(await request('POST', path, { headers, body: JSON.stringify(body) }));
  };
  const user = (userId) => `/users/${encodeURIComponent(userId)}`;

  return {
    healthz: () => request('GET', '/healthz'),
    tiers: async () => (await json('/tiers')).tiers,
    user: (userId) => json(user(userId)),
    job: (userId, jobId) => json(`${user(userId)}/jobs/${jobId}`),
    newest: async (userId, limit) => (await json(`${user(userId)}/jobs?limit=${limit}`)).jobs,
    jobs: (userId) => allPages(json, `${user(userId)}/jobs?limit=${PAGE}`),
    jobsWithArtifacts: (userId) => allPages(json, `${user(userId)}/jobs?limit=${PAGE}&expand=artifacts`),
    cancel: async (userId, jobId) => JSON.parse(await request('DELETE', `${user(userId)}/jobs/${jobId}`)),
    bytes: (href) => request('GET', href),
    submit: (body, key) => submit('/create-story', body, key),
    replay: async (userId, jobId) => JSON.parse(await request('POST', `${user(userId)}/jobs/${jobId}/replay`)),
    replayMany: (body, key) => submit('/replays', body, key),
    replays: async () => (await json('/replays')).replays,
    submitEpisode: (body, key) => submit('/create-episode', body, key),
  };
}

async function exchange(url, options, signal) {
  // Raced and timed by hand: of a fetch that is aborted while its body is read, the reading may never end, and
  // AbortSignal.timeout may be collected before it fires.
  const ending = new AbortController();
  const stop = () => ending.abort(signal.reason);
  signal.addEventListener('abort', stop);
  const timer = setTimeout(() => ending.abort(new Error('no answer in time')), REQUEST_TIMEOUT_MS);
  const ended = new Promise((_, reject) => {
    ending.signal.addEventListener('abort', () => reject(ending.signal.reason));
  });
  try {
    signal.throwIfAborted();
    return await Promise.race([ended, answer(url, { ...options, signal: ending.signal })]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

async function answer(url, options) {
  const response = await fetch(url, options);
  return { ok: response.ok, status: response.status, body: Buffer.from(await response.arrayBuffer()) };
}

function parse(body) {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}

async function allPages(json, path) {
  const jobs = [];
  let cursor = null;
  do {
    const page = await json(cursor ? `${path}&cursor=${encodeURIComponent(cursor)}` : path);
    jobs.push(...page.jobs);
    cursor = page.nextCursor;
  } while (cursor);
  return jobs;
}
