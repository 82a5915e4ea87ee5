// Builds the Worker into build/, unless it is newer than all it is made from. `wrangler` runs this, too.

import { spawnSync } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { buildEnvironment, cargoTools, find, root } from "./tools.mjs";

const sources = ["Cargo.toml", "Cargo.lock", "rust-toolchain.toml", "src", "crates", "scripts/build.mjs", "scripts/tools.mjs"];

const changedAt = (path) => {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return Math.max(0, ...readdirSync(path).map((name) => changedAt(join(path, name))));
};

const newest = Math.max(...sources.map((path) => changedAt(join(root, path))));
if (newest > changedAt(join(root, "build", "index.js"))) {
  const workerBuild = find(cargoTools[0]);
  if (!workerBuild) {
    console.error("The build tools are not installed; run `npm run setup` once.");
    process.exit(1);
  }
  const { status } = spawnSync(workerBuild, ["--release"], { cwd: root, env: buildEnvironment(), stdio: "inherit" });
  process.exit(status ?? 1);
}
