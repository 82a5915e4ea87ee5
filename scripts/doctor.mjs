// Says what this machine lacks for story-queue, and how to get it: `npm run doctor`. Runs with any Node, before set-up.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { createServer } from "node:net";
import { bin, cargoTools, find, root } from "./tools.mjs";
import { join } from "node:path";

const says = (program, ...args) => {
  const { status, stdout } = spawnSync(program, args, { encoding: "utf8" });
  return status === 0 ? stdout.trim().split("\n")[0] : undefined;
};

const isFree = (port) =>
  new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen(port, "127.0.0.1", () => server.close(() => resolve(true)));
  });

const chromium = ["chromium", "chromium-browser", "google-chrome"].map((name) => says(name, "--version")).find(Boolean);

/** [what, what was found, how to get it, whether everything needs it] */
const checks = [
  ["Rust toolchains (rustup)", says("rustup", "--version"), "install it from https://rustup.rs", true],
  ["cargo", says("cargo", "--version"), "install it with rustup", true],
  ["a C compiler, for SQLite in the tests", says("cc", "--version"), "on Debian: apt-get install build-essential", true],
  ["npm", says("npm", "--version"), "install Node.js from https://nodejs.org", true],
  ["curl, for the examples", says("curl", "--version"), "on Debian: apt-get install curl", false],
  ["npm packages", existsSync(join(root, "node_modules")) ? says(bin("node"), "--version") : undefined, "npm run setup", true],
  ...cargoTools.map((tool) => [`${tool.program} ${tool.version}`, find(tool), "npm run setup", true]),
  ["Chromium, for the tests of the page", chromium, "on Debian, npm test installs it; elsewhere those tests are skipped", false],
  ["port 8787, for npm start", (await isFree(8787)) ? "free" : undefined, "another program uses it: npm start -- --port 8788", false],
];

let missing = 0;
for (const [what, found, how, isNeeded] of checks) {
  console.log(`${found ? "ok     " : isNeeded ? "MISSING" : "missing"}  ${what}: ${found ?? how}`);
  if (!found && isNeeded) missing++;
}
console.log(missing === 0 ? "\nEverything that is needed is there." : `\nMissing: ${missing}. Each line above says how to get it.`);
process.exit(missing === 0 ? 0 : 1);
