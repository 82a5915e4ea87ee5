// How each command of the pages is tested.

const ACCOUNT = "needs an account at Cloudflare";
const LONG = "takes minutes";
const PART = "`npm test` runs it, or what it stands for, apart from this test";

/** What cannot run here, by how it begins, and why. The scripts, subcommands, flags and files that it names must exist. */
export const NOT_HERE = [
  ["npx wrangler", ACCOUNT],
  ["npm run deploy", ACCOUNT],
  ["stripe", "needs an account at Stripe, and its CLI; was never run, as the page says"],
  ["curl -H", "asks a Worker that is deployed"],
  ["git pull", "would change the sources under test"],
  ["git diff", "says something else at any time"],
  ["npm start", "does not end; what it starts is started in tests/e2e/pages.test.ts, with the settings of the page"],
  ["X_LOCAL_OBSERVABILITY=true npm start", "does not end"],
  ["npm test", "this test is a part of it"],
  ["npm run setup", PART],
  ["npm run build", PART],
  ["npm run lint", PART],
  ["npm run test:native", PART],
  ["cargo test -p queue-core", PART],
  ["npm run test:sim", PART],
  ["npm run test:seeds", PART],
  ["npm run test:scripts", PART],
  ["npm run test:e2e", PART],
  ["npm run sim", PART],
  ["npm run chaos", PART],
  ["UPDATE_GOLDEN=1 npm run test:native", "would write golden files"],
  ["npm run imports", "would write a page"],
  ["node scripts/pages/pictures.mjs", "would write pictures"],
  ["npm run demo", LONG],
  ["npm run --silent demo", LONG],
  ["npm run bench", LONG],
  ["npm run fuzz", LONG],
  ["npm run mutants", LONG],
];

/** What runs in pages.test.mjs, in a folder of its own. */
const HERE = [/^\(umask 077; echo /, /^sed -e /, /^npm run check:config/, /^npm run doctor$/, /^npx wrangler tail [^|]*\| node -e/];

/** `worker`: in tests/e2e/pages.test.ts; `here`: in pages.test.mjs; `not here`; or nothing, if nobody has thought of it. */
export function classOf({ command, needsWorker }) {
  if (needsWorker) return "worker";
  if (HERE.some((form) => form.test(command))) return "here";
  return NOT_HERE.some(([beginning]) => begins(command, beginning)) ? "not here" : undefined;
}

export const begins = (command, beginning) => command === beginning || command.startsWith(`${beginning} `) || command.startsWith(`${beginning}:`);

/** Blocks that are no commands, and no answer to the `curl` before them: by page and beginning, where they come from. */
export const NO_ANSWERS = [
  ["README.md", " tier   users", "what the demo printed once; scripts/demo/demo.test.mjs tests its table"],
  ["README.md", "client ──", "a drawing"],
  ["docs/api.md", "retry-after:", "headers; tests/e2e/plans.test.ts"],
  ["docs/api.md", "retry: 2000", "events; tests/e2e/events.test.ts"],
  ["docs/operations.md", "const bookmark", "Cloudflare's documentation; was never run, as the page says"],
  ["docs/operations.md", "[Queue Consumer] Processing", "log lines; events/event.rs"],
  ["docs/operations.md", '{"deadLetters":[{', "tests/e2e/dead-letters.test.ts"],
  ["docs/scheduling.md", "rank =", "a formula"],
  ["docs/scheduling.md", "(⌊N / C⌋", "a formula"],
];
