// End-to-end tests: the built Worker on real workerd. `npm run test:e2e`

import { defineConfig } from "vitest/config";
import { QUIET } from "../../scripts/tools.mjs";

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ["**/*.test.ts"],
    // One workerd at a time: the tests watch who runs beside whom, and a busy machine would blur it.
    fileParallelism: false,
    testTimeout: 60_000,
    // Starting builds the Worker if it is older than its sources.
    hookTimeout: 600_000,
    // node:sqlite works well enough to look into a file.
    execArgv: ["--disable-warning=ExperimentalWarning"],
    env: QUIET,
    // What the local queue says of itself; the Worker's own lines are read by the tests.
    onConsoleLog: (text) => !text.includes("[wrangler:info]"),
  },
});
