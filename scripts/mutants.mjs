// Mutation tests of the decision code: cargo-mutants changes one thing at a time, and a test must notice. What is
// changed, and which changes may go unnoticed, is in .cargo/mutants.toml. Ends with an error if any other does.

import { spawnSync } from "node:child_process";
import { ensure, find, root, tidy } from "./tools.mjs";

const tool = { crate: "cargo-mutants", program: "cargo-mutants", subcommand: "mutants", version: "27.1.0" };
ensure(tool);
tidy();

const environment = {
  ...process.env,
  // The same random commands for each mutant and in each run, fewer than `npm test` has, and no search for the
  // shortest failure: that there is one is enough.
  PROPTEST_RNG_SEED: "1",
  PROPTEST_CASES: "64",
  PROPTEST_MAX_SHRINK_ITERS: "0",
};
// Copies of the tree must not share a folder for builds: cargo takes the one's for the other's.
delete environment.CARGO_TARGET_DIR;

const { status } = spawnSync(find(tool), ["mutants", "--package", "queue-core", ...process.argv.slice(2)], {
  cwd: root,
  env: environment,
  stdio: "inherit",
});
process.exit(status ?? 1);
