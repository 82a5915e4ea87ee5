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
  const user = (userId) => `/users/${encodeURIComponent(userId)}`;

  return {
    healthz: () => request('GET', '/healthz'),
    tiers: async () => (await json('/tiers')).tiers,
    user: (userId) => json(user(userId)),
    job: (userId, jobId) => json(`${user(userId)}/jobs/${jobId}`),
    newest: async (userId, limit) => (await json(`${user(userId)}/jobs?limit=${limit}`)).jobs,
    jobs: (userId) => allPages(json, `${user(userId)}/jobs?limit=${PAGE}`),
    cancel: async (userId, jobId) => JSON.parse(await request('DELETE', `${user(userId)}/jobs/${jobId}`)),
    bytes: (href) => request('GET', href),
    submit: async (body, key) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': key };
      return JSON.parse(await request('POST', '/create-story', { headers, body: JSON.stringify(body) }));
    },
  };
}

async function exchange(url, options, signal) {
  const either = AbortSignal.any([signal, AbortSignal.timeout(REQUEST_TIMEOUT_MS)]);
  const response = await fetch(url, { ...options, signal: either });
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
