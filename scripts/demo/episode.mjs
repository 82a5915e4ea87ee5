// An episode beside the stories: a text becomes a page that reads it aloud, made by the same queue.

import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { saveArtifacts } from './player.mjs';

const POLL_MS = 500;

/** Submits the Markdown file as an episode, waits for its end, and saves it under `folder`; returns its page's path. */
export async function makeEpisode(client, file, folder, { deadline, signal }) {
  const userId = `lena.${Date.now().toString(36)}`;
  const source = { type: 'file', name: basename(file), contentType: 'text/markdown', text: await readFile(file, 'utf8') };
  const { jobId } = await client.submitEpisode({ userId, seriesId: 'mornings', source }, randomUUID());
  for (;;) {
    const { status, error } = await client.job(userId, jobId);
    if (status === 'succeeded') return saveArtifacts(client, { userId, jobId }, 'page.html', folder);
    if (status === 'failed') throw new Error(`The episode failed: ${error?.message}`);
    if (Date.now() > deadline) throw new Error(`The episode is still ${status}.`);
    await sleep(POLL_MS, undefined, { signal });
  }
}
