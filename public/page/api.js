// Calls the service. Every failure becomes one kind of error, with a message to show.

/** A request that failed: `status` is 0 if there was no answer. */
export class Problem extends Error {
  constructor(status, { type = '', title, detail, errors } = {}, retryAfter = null) {
    super(detail || title || `The service answered ${status}.`);
    this.status = status;
    this.kind = String(type).split(':').at(-1);
    this.title = title ?? '';
    this.errors = Array.isArray(errors) ? errors : [];
    /** Seconds after which to try again, if the service said so. */
    this.retryAfter = retryAfter;
  }

  /** Whether the same request may succeed later. */
  get passes() {
    return this.status === 0 || this.status === 429 || this.status >= 502;
  }
}

/** The longest that an answer may take, in milliseconds. */
const PATIENCE_MS = 20_000;

async function ask(path, init = {}) {
  try {
    return await fetch(path, { cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.timeout(PATIENCE_MS), ...init });
  } catch {
    throw new Problem(0, { detail: 'The service cannot be reached. Check your connection.' });
  }
}

async function refusal(response) {
  const body = await response.json().catch(() => ({}));
  const seconds = Number.parseInt(response.headers.get('retry-after') ?? '', 10);
  return new Problem(response.status, body ?? {}, Number.isFinite(seconds) ? seconds : null);
}

/** The JSON at that path, or a [`Problem`]. */
export async function json(path, init) {
  const response = await ask(path, init);
  if (!response.ok) throw await refusal(response);
  try {
    return await response.json();
  } catch {
    throw new Problem(response.status, { detail: 'The answer of the service is not JSON.' });
  }
}

/** The bytes at that path. */
export async function bytes(path, init) {
  const response = await ask(path, init);
  if (!response.ok) throw await refusal(response);
  try {
    return await response.blob();
  } catch {
    throw new Problem(0, { detail: 'The connection was lost.' });
  }
}

/** The path of a user. */
export const userPath = (userId) => `/users/${encodeURIComponent(userId)}`;

/** Sends a story or an episode to its route; the same key never makes two jobs. */
export const submit = (path, body, key, headers) => json(path, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'idempotency-key': key, ...headers },
  body: JSON.stringify(body),
});

/** A unique key. `randomUUID` needs HTTPS, which a service in a private network may not have. */
export const newKey = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('');
