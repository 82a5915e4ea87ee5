// Fetches what was made, to look at.

import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

/** Saves every artifact of the longest finished story under `folder`; returns its title and the player's path. */
export async function savePlayer(client, cast, folder) {
  const [best] = cast
    .flatMap(({ submissions }) => submissions)
    .filter(({ job }) => job?.status === 'succeeded')
    .sort((a, b) => b.body.script.scenes.length - a.body.script.scenes.length);
  if (!best) throw new Error('No story was finished, so there is no player to show.');
  const path = await saveArtifacts(client, { userId: best.body.userId, jobId: best.jobId }, 'player.html', folder);
  return { title: best.body.script.title, path };
}

/** Saves every artifact of the job under `folder`; returns the path of that page, which is one of them. */
export async function saveArtifacts(client, { userId, jobId }, page, folder) {
  const { artifacts, links } = await client.job(userId, jobId);
  if (!artifacts.some(({ name }) => name === page)) {
    const made = artifacts.map(({ name }) => name).join(', ') || 'nothing';
    throw new Error(`Job ${jobId} succeeded without a ${page}; it made ${made}.`);
  }
  for (const { name, href, bytes } of artifacts) {
    const content = await client.bytes(href ?? `${links.self}/artifacts/${name}`);
    if (content.length !== bytes) throw new Error(`${name} has ${content.length} bytes; the job says ${bytes}.`);
    const file = inside(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
  return join(folder, page);
}

// A name comes from the Worker: it must not choose where on this disk it is written.
function inside(folder, name) {
  const file = resolve(folder, name);
  if (file.startsWith(resolve(folder) + sep)) return file;
  throw new Error(`The artifact name ${JSON.stringify(name)} leads out of its folder.`);
}
