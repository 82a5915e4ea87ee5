// What exists when all is over: every job of every user, and every artifact of those that succeeded.

import { setTimeout as sleep } from 'node:timers/promises';
import { isTransient } from '../demo/client.mjs';

const CONNECTIONS = 6;
// A busy machine may leave one request without an answer, but not so many.
const TRIES = 5;
const RETRY_MS = 1_000;

/** Fills in each user's listing; returns, by job, what is missing of the artifacts of those that succeeded. */
export async function takeStock(users, client) {
  const incomplete = new Map();
  for (const user of users) {
    user.listing = await patiently(() => client.jobsWithArtifacts(user.userId));
    const scenes = new Map(user.submissions.flatMap(({ body, jobIds }) =>
      [...jobIds].map((jobId) => [jobId, body.script.scenes.length])));
    const rest = user.listing.filter(({ status }) => status === 'succeeded');
    await Promise.all(Array.from({ length: CONNECTIONS }, async () => {
      for (let job = rest.pop(); job; job = rest.pop()) {
        const fault = await missingOf(job, scenes.get(job.jobId), client);
        if (fault) incomplete.set(job.jobId, fault);
      }
    }));
  }
  return incomplete;
}

/** The names of what a story of so many scenes is made of. */
export function namesOf(scenes) {
  const frames = Array.from({ length: scenes }, (_, index) => `frames/${String(index + 1).padStart(3, '0')}.svg`);
  return [...frames, 'captions.vtt', 'player.html'];
}

async function missingOf({ artifacts }, scenes, client) {
  const names = artifacts.map(({ name }) => name);
  const absent = namesOf(scenes ?? 0).filter((name) => !names.includes(name));
  if (absent.length > 0) return `does not list ${absent.join(', ')}`;
  if (new Set(names).size < names.length) return 'lists an artifact twice';
  for (const { name, href, bytes } of artifacts) {
    try {
      const { length } = await patiently(() => client.bytes(href));
      if (length !== bytes) return `${name} has ${length} of ${bytes} bytes`;
    } catch (error) {
      return `${name} cannot be downloaded: ${error.message}`;
    }
  }
  return null;
}

async function patiently(ask) {
  for (let tried = 1; ; tried += 1) {
    try {
      return await ask();
    } catch (error) {
      if (tried === TRIES || !isTransient(error)) throw error;
    }
    await sleep(RETRY_MS);
  }
}
