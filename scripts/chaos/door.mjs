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
      opened.client = { ...createClient(url, either), duplicate: (bodies) => post(`${url}/duplicate`, bodies, either) };
      waiting.resolve(opened.client);
    },
    close() { waiting = Promise.withResolvers(); },
    // Ends what a dead Worker will never answer.
    hangUp: () => life.abort(),
  };
  signal.addEventListener('abort', () => { waiting.promise.catch(() => {}); waiting.reject(signal.reason); });
  return opened;
}

async function post(url, body, either) {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal: either });
  if (!response.ok) throw new Error(`POST ${url} answered ${response.status}`);
}
