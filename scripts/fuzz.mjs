// npm run fuzz -- [target ...] [--seconds N]
//
// Runs each target (all, if none is named) for N seconds, 60 if not said, on whatever libFuzzer makes of the committed
// corpus. What is new goes to `.fuzz/corpus`, where the next run goes on; the committed corpus stays as it is.
// Without a sanitizer (`-s none`) it runs on the stable toolchain: the code is safe Rust, so a fault is a panic, an
// input that takes too long, or too much memory. Assertions and checks for overflow are on.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { ensure, find, fuzzTool, root, tidy } from "./tools.mjs";

// Longest input: 64 KiB hold whatever a body may have, and shorter inputs say the same in less time.
const BYTES_MAX = 65_536;
// One input may take so long, and all of it so much memory; what needs more is a fault.
const INPUT_SECONDS_MAX = 10;
const MEMORY_MB_MAX = 2_048;

const targets = readdirSync(join(root, "fuzz", "fuzz_targets")).map((file) => file.replace(/\.rs$/, "")).sort();

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seconds: { type: "string", default: "60" } },
});
const seconds = Number(values.seconds);
const unknown = positionals.find((name) => !targets.includes(name));
if (unknown !== undefined || !Number.isInteger(seconds) || seconds < 1) {
  console.error(`Usage: npm run fuzz -- [target ...] [--seconds N]\nTargets: ${targets.join(", ")}`);
  process.exit(2);
}

ensure(fuzzTool);
tidy();
const cargoFuzz = (args, options) => spawnSync(find(fuzzTool), args, { cwd: root, encoding: "utf8", ...options });

console.log("Building the targets ...");
if (cargoFuzz(["build", "--sanitizer", "none"], { stdio: ["ignore", "ignore", "inherit"] }).status !== 0) {
  console.error("The targets do not build; libfuzzer-sys needs a C++ compiler.");
  process.exit(1);
}

let failed = false;
for (const target of positionals.length > 0 ? positionals : targets) failed = !run(target) || failed;
process.exit(failed ? 1 : 0);

function run(target) {
  const found = join(root, ".fuzz", "corpus", target);
  mkdirSync(found, { recursive: true });
  const began = Date.now();
  const { status, stderr } = cargoFuzz(
    [
      ...["run", "--sanitizer", "none", target, found, join(root, "fuzz", "corpus", target), "--"],
      ...[`-max_total_time=${seconds}`, `-max_len=${BYTES_MAX}`, `-dict=${join(root, "fuzz", "tokens.dict")}`],
      ...[`-timeout=${INPUT_SECONDS_MAX}`, `-rss_limit_mb=${MEMORY_MB_MAX}`, "-print_final_stats=1"],
    ],
    { stdio: ["ignore", "ignore", "pipe"], maxBuffer: 1 << 30 },
  );
  // libFuzzer's own time: cargo may have waited for another cargo before.
  const took = Number(stderr.match(/^Done \d+ runs in (\d+) second/m)?.[1] ?? (Date.now() - began) / 1000);
  const executions = Number(stderr.match(/stat::number_of_executed_units:\s*(\d+)/)?.[1] ?? 0);
  const files = readdirSync(found).length;
  const says = status === 0 ? "no fault" : "FAULT";
  console.log(
    `${target.padEnd(14)} ${says}  ${String(executions).padStart(10)} executions  ${took.toFixed(0).padStart(5)} s  ` +
      `${files} inputs in ${relative(root, found)}`,
  );
  if (status !== 0) explain(target, stderr, began);
  return status === 0;
}

function explain(target, stderr, began) {
  console.error(stderr.split("\n").slice(-60).join("\n"));
  const folder = join(root, "fuzz", "artifacts", target);
  const files = existsSync(folder) ? readdirSync(folder) : [];
  for (const file of files.filter((file) => statSync(join(folder, file)).mtimeMs >= began)) {
    const path = relative(root, join(folder, file));
    console.error(
      `\n${target} fails on ${path}. Once more, alone:\n` +
        `  ${relative(root, find(fuzzTool)) || "cargo-fuzz"} run --sanitizer none ${target} ${path}\n` +
        `Minimize it with \`tmin\` instead of \`run\`, fix the bug, and keep the file under a descriptive name:\n` +
        `  cp ${path} fuzz/corpus/${target}/`,
    );
  }
}
