// End-to-end tests: the built Worker on real workerd. `npm run test:e2e`

import { defineConfig } from "vitest/config";
import { QUIET } from "../../scripts/tools.mjs";

/** They judge order and time, which a busy machine would blur: each runs with nothing beside it. */
const ALONE = ["hostile", "parallel", "pool", "recovery", "tiers"].map((name) => `**/${name}.test.ts`);

const test = {
  dir: import.meta.dirname,
  testTimeout: 60_000,
  hookTimeout: 120_000,
  // node:sqlite works well enough to look into a file.
  execArgv: ["--disable-warning=ExperimentalWarning"],
  env: QUIET,
};

export default defineConfig({
  test: {
    globalSetup: `${import.meta.dirname}/build.ts`,
    // What the local queue says of itself; the Worker's own lines are read by the tests.
    onConsoleLog: (text) => !text.includes("[wrangler:info]"),
    projects: [
      // Each file has a workerd of its own, and waits more than it works.
      { test: { ...test, name: "together", include: ["**/*.test.ts"], exclude: ALONE, maxWorkers: 3, sequence: { groupOrder: 1 } } },
      { test: { ...test, name: "alone", include: ALONE, maxWorkers: 1, sequence: { groupOrder: 2 } } },
    ],
  },
});
