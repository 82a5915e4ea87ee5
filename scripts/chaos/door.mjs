// The way to a Worker that dies and comes back at another address.

import { setMaxListeners } from 'node:events';
import { createClient } from '../demo/client.mjs';

/** Where the users find the Worker that is up; they wait while none is. */
export function createDoor(signal) {
  let waiting = Promise.withResolvers();
  let life = null;
  const opened = {
    client: null,
    open: () => waiting.promise,
    admit(url) {
      life = new AbortController();
      setMaxListeners(0, life.signal);
      const either = AbortSignal.any([signal, life.signal]);
      opened.client = { ...createClient(url, either), ...createOperator(url, either) };
      waiting.resolve(opened.client);
    },
    close() { waiting = Promise.withResolvers(); },
    // Ends what a dead Worker will never answer.
    hangUp: () => life.abort(),
  };
  signal.addEventListener('abort', () => { waiting.promise.catch(() => {}); waiting.reject(signal.reason); });
  return opened;
}

/** What ./operator.js does beside handing on. */
function createOperator(url, signal) {
  const ask = async (path, body) => {
    const { status } = await fetch(`${url}${path}`, { method: 'POST', body, signal });
    if (status !== 204 && status !== 409) throw new Error(`POST ${path} answered ${status}`);
    return status === 204;
  };
  return {
    duplicate: (bodies) => ask('/duplicate', JSON.stringify(bodies)),
    /** False if that gate was in nobody's memory. */
    evict: (userId) => ask(`/evict?user=${encodeURIComponent(userId)}`),
    abort: () => ask('/abort'),
    out: () => ask('/out'),
    spoil: () => ask('/spoil'),
    back: () => ask('/back'),
  };
}
