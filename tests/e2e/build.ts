// Builds the Worker once, if it is older than its sources, before two workerds start at the same time.

import { execFileSync } from "node:child_process";

export const setup = () => execFileSync(process.execPath, ["scripts/build.mjs"], { stdio: "inherit" });
