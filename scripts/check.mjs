// What `npm test` does before the Worker runs: two rows of npm scripts side by side, because a compiler or a test often
// keeps only one core busy. Nothing here judges time by the clock. What a script says is shown when it ends.

import { spawn } from "node:child_process";
import { root } from "./tools.mjs";

/** Each row builds in folders that the other leaves alone, or they would wait for one another; but the last of the second row
 * runs what the last of the first has built by then. */
const rows = [
  ["lint:native", "test:native", "test:sim"],
  ["lint:wasm", "test:deploy", "test:scripts", "test:seeds"],
];

const run = (script) => new Promise((resolve) => {
  const since = Date.now();
  const child = spawn("npm", ["run", "--silent", script], { cwd: root, stdio: ["ignore", "pipe", "pipe"] });
  const said = [];
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding("utf8").on("data", (text) => said.push(text));
  child.on("error", (error) => said.push(error.stack));
  child.on("close", (code) => {
    const isGood = code === 0;
    const seconds = Math.round((Date.now() - since) / 1000);
    console.log(`${said.join("")}${script} ${isGood ? "passed" : "FAILED"} after ${seconds} s\n`);
    resolve(isGood);
  });
});

let failed = false;
await Promise.all(rows.map(async (row) => {
  for (const script of row) {
    if (failed) return;
    console.log(`${script} ...`);
    if (!(await run(script))) failed = true;
  }
}));
if (failed) process.exit(1);
