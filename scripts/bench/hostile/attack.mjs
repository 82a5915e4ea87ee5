// What a hostile user of tier1 does: as many of the worst stories as may wait, and costly requests without a pause.

import { setTimeout as sleep } from 'node:timers/promises';
import { HOSTILE, ordinary, request } from './stories.mjs';

const WHO = 'mallory';
/** As many submissions in a minute as the rate limiter lets one user make. */
const SUBMIT_EVERY_MS = 500;

/** JSON as deep as may be, which is compared with what was submitted under the same key. */
const deep = (depth) => JSON.parse('{"a":'.repeat(depth) + `"${'x'.repeat(200_000)}"` + '}'.repeat(depth));

/** The largest event that is read, which nobody has signed, with as many signatures as there is room for. */
const LARGEST = JSON.stringify({ id: 'evt_1', type: 'x'.repeat(4 * 1024 * 1024 - 100) });
const forged = (time) => ({
  method: 'POST', body: LARGEST,
  headers: { 'content-type': 'application/json', 'stripe-signature': [time, ...Array(14).fill(`v1=${'0'.repeat(64)}`)].join(',') },
});

/** Requests that cost more than others: large lists, bodies that are refused or compared, paths of slashes, forged events. */
const REQUESTS = [
  () => [`/users/${WHO}/jobs?limit=100&expand=artifacts`],
  () => [`/users/${WHO}/jobs?limit=100`],
  () => ['/create-story', request(WHO, 'tier1', { ...ordinary, extra: deep(100) }, { 'idempotency-key': 'again' })],
  () => ['/create-story', { method: 'POST', headers: { 'content-type': 'application/json' }, body: '['.repeat(262_000) }],
  () => ['/create-story', request(WHO, 'tier1', Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`/${index}`, index])))],
  () => [`/users/${'/'.repeat(4_000)}`],
  () => ['/webhooks/stripe', forged('t=0')],
  () => ['/webhooks/stripe', forged(`t=${Math.floor(Date.now() / 1000)}`)],
  () => ['/tiers', { method: 'PROPFIND' }],
];

/**
 * Begins. Resolves when the first stories are accepted; `ended`, after the signal, with how many were accepted, and how
 * many other answers there were, by status.
 */
export async function attack(worker, { signal }) {
  let accepted = 0;
  const submit = async (body) => {
    const response = await worker.fetch('/create-story', request(WHO, 'tier1', body));
    await response.arrayBuffer();
    if (response.status === 202) accepted += 1;
  };
  const bodies = Object.values(HOSTILE).map(([, body]) => body);
  await Promise.all(Object.values(HOSTILE).flatMap(([times, body]) => Array.from({ length: times }, () => submit(body))));
  if (accepted < 50) throw new Error(`of 50 hostile stories, ${accepted} were accepted`);

  const submitting = async () => {
    for (let index = 0; !signal.aborted; index += 1) {
      await submit(bodies[index % bodies.length]);
      await sleep(SUBMIT_EVERY_MS);
    }
  };
  const statuses = {};
  const asking = async () => {
    for (let index = 0; !signal.aborted; index += 1) {
      const response = await worker.fetch(...REQUESTS[index % REQUESTS.length]());
      await response.arrayBuffer();
      statuses[response.status] = (statuses[response.status] ?? 0) + 1;
    }
  };
  return { ended: Promise.all([submitting(), asking()]).then(() => ({ accepted, statuses })) };
}
