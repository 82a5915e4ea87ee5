// npm run demo [-- --json] [-- --url <base>]
//
// Runs the whole product on this machine: starts the Worker on local workerd, lets users of every tier submit real
// stories at once, follows them to the end, and proves from the Worker's own answers that no job was lost and no user
// ran more jobs than the tier allows. Ends with one finished story, and an episode, to open in a browser.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { buildCast } from './demo/cast.mjs';
import { createClient } from './demo/client.mjs';
import { makeEpisode } from './demo/episode.mjs';
import { loadExamples } from './demo/examples.mjs';
import { judge, used } from './demo/judge.mjs';
import { play } from './demo/play.mjs';
import { savePlayer } from './demo/player.mjs';
import { showProgress, table } from './demo/screen.mjs';
import { PACE_MS, PLACES, startWorker } from './demo/worker.mjs';

const DEADLINE_MS = 8 * 60_000;
const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, '.demo');

const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    // A Worker that already runs, instead of one started here.
    url: { type: 'string' },
  },
});
// With --json, standard output is for the one line a program reads.
const screen = options.json ? process.stderr : process.stdout;
const say = (text = '') => screen.write(`${text}\n`);

const stopping = new AbortController();
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(name, () => {
    const code = 128 + constants.signals[name];
    // The second time, whoever asks is tired of waiting.
    if (stopping.signal.aborted) process.exit(code);
    stopping.abort(Object.assign(new Error(`Stopped by ${name}.`), { code }));
  });
}

let worker;
try {
  process.exitCode = await main(Date.now() + DEADLINE_MS);
} catch (caught) {
  const error = stopping.signal.aborted ? stopping.signal.reason : caught;
  console.error(`\nThe demo failed: ${error.message}`);
  process.exitCode = Number.isInteger(error.code) ? error.code : 1;
} finally {
  // Ends the polling that an error elsewhere left behind.
  stopping.abort();
  await worker?.stop();
}

async function main(deadline) {
  const examples = loadExamples(join(ROOT, 'examples'));
  emptyFolder();
  const client = createClient(await workerUrl(), stopping.signal);
  const cast = buildCast(examples, await client.tiers());
  say(`${cast.length} users submit ${cast.flatMap(({ submissions }) => submissions).length} stories, and one an episode.\n`);

  const stopProgress = showProgress(screen, cast);
  const until = { deadline, signal: stopping.signal };
  const file = join(ROOT, 'episodes', 'the-lamp-that-counts.md');
  const [, episode] = await Promise.all([
    play(client, cast, until),
    makeEpisode(client, file, join(FOLDER, 'episode'), until).then((path) => ({ path }), (error) => ({ error })),
  ]).finally(stopProgress);

  const { rows, problems, ...counts } = judge(cast);
  // How fast another Worker works, and on how many places, is not known here.
  counts.used = options.url ? null : used(cast, { places: PLACES, paceMs: PACE_MS });
  say(`\n${table(rows)}\n`);
  if (counts.used !== null) say(`While jobs waited, at least ${Math.round(counts.used * 100)} % of the ${PLACES} places were in use.`);
  const player = await show(client, cast, problems);
  if (episode.path) say(`An episode reads itself aloud; open ${pathToShow(episode.path)}`);
  else problems.push(episode.error.message);
  await worker?.stop();
  if (worker) say(`What the Worker logged: ${pathToShow(join(FOLDER, 'worker.log'))}`);
  conclude(counts, problems);
  if (options.json) console.log(JSON.stringify({ ...counts, tiers: tiersForJson(rows), player }));
  return problems.length > 0 ? 1 : 0;
}

// The folder ignores itself, so no other file needs to know of it.
function emptyFolder() {
  rmSync(FOLDER, { recursive: true, force: true });
  mkdirSync(FOLDER);
  writeFileSync(join(FOLDER, '.gitignore'), '*\n');
}

async function workerUrl() {
  if (options.url) return options.url;
  say('Starting the Worker on local workerd …');
  worker = await startWorker({
    root: ROOT,
    logFile: join(FOLDER, 'worker.log'),
    signal: stopping.signal,
    onEnd: (error) => stopping.abort(error),
  });
  return worker.url;
}

async function show(client, cast, problems) {
  try {
    const { title, path } = await savePlayer(client, cast, join(FOLDER, 'story'));
    say(`“${title}” is ready; open ${pathToShow(path)}`);
    return pathToShow(path);
  } catch (error) {
    stopping.signal.throwIfAborted();
    problems.push(error.message);
    return null;
  }
}

function conclude({ jobs, overLimit }, problems) {
  if (problems.length === 0) say(`All ${jobs} accepted jobs succeeded; over the limit: ${overLimit} times.`);
  for (const problem of problems) console.error(`Problem: ${problem}`);
}

function tiersForJson(rows) {
  return Object.fromEntries(rows.map(({ tier, jobs, limit, maxActive, parked, waitMs }) =>
    [tier, { jobs, limit, maxActive, parked, waitMs }]));
}

function pathToShow(path) {
  return relative(process.cwd(), path);
}
