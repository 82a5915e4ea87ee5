// npm run bench [-- part ...] [--json]
//
// Runs the benchmarks that are named, or all: prints their tables, and writes bench/results/<part>.json, with the
// machine and the date, and plots beside it. With --json, the last line of the output is one object with the results
// of all parts that ran. A benchmark is no test: `npm test` does not run them.

import { spawn } from "node:child_process";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { burst } from "./bench/burst.mjs";
import { estimates } from "./bench/estimates.mjs";
import { hostile } from "./bench/hostile.mjs";
import { idle } from "./bench/idle.mjs";
import { from } from "./bench/machine.mjs";
import { objects } from "./bench/objects.mjs";
import { outage } from "./bench/outage.mjs";
import { replay } from "./bench/replay.mjs";
import { size } from "./bench/size.mjs";
import { workerd } from "./bench/workerd.mjs";
import { root } from "./tools.mjs";

const results = join(root, "bench", "results");

/** Runs a part of the crate `bench`: tables, and the results as its last line. */
const native = (part) => async () => {
  const cargo = ["run", "--locked", "--profile", "bench", "--quiet", "-p", "bench", "--", part, results];
  const child = spawn("cargo", cargo, { cwd: root, stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  for await (const chunk of child.stdout.setEncoding("utf8")) text += chunk;
  const code = child.exitCode ?? (await new Promise((resolve) => child.once("close", resolve)));
  if (code !== 0) throw new Error(`${part} failed`);
  const lines = text.trimEnd().split("\n");
  const last = lines.pop();
  console.log(lines.join("\n"));
  return JSON.parse(last);
};

/** Every part: resolves with an object whose members are its results; `isPartial` if they are not to be written. */
const parts = {
  policy: native("policy"),
  fairness: native("fairness"),
  estimates: async () => estimates({ root, say: console.log, native: native("estimates") }),
  load: native("load"),
  workerd: async () => ({ workerd: await workerd({ root, say: console.log }) }),
  idle: async () => ({ idle: await idle({ root, say: console.log }) }),
  objects: async () => ({ objects: await objects({ root, say: console.log }) }),
  burst: async () => burst({ root, say: console.log }),
  hostile: async () => hostile({ root, say: console.log }),
  outage: async () => outage({ root, say: console.log }),
  replay: async () => replay({ root, say: console.log }),
  size: async () => ({ size: await size({ root, say: console.log }) }),
};

const named = process.argv.slice(2).filter((argument) => argument !== "--json");
const unknown = named.filter((name) => !(name in parts));
if (unknown.length > 0) {
  console.error(`no part ${unknown.join(", ")}; there are ${Object.keys(parts).join(", ")}`);
  process.exit(2);
}

mkdirSync(results, { recursive: true });
const all = {};
for (const part of named.length > 0 ? named : Object.keys(parts)) {
  const { isPartial, ...result } = await parts[part]();
  if (!isPartial) writeFileSync(join(results, `${part}.json`), `${JSON.stringify({ ...from(`npm run bench -- ${part}`), ...result }, null, 1)}\n`);
  Object.assign(all, result);
}
if (process.argv.includes("--json")) console.log(JSON.stringify(all));
