// Where the build tools are, and where they come from: the package registries only.

import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const root = fileURLToPath(new URL("..", import.meta.url));
const tools = join(root, ".tools");

const locked = (crate) => {
  const lock = readFileSync(join(root, "Cargo.lock"), "utf8");
  return lock.match(new RegExp(`name = "${crate}"\\nversion = "([^"]+)"`))[1];
};

/**
 * For wrangler's environment: nothing is sent home or looked up outside, and no call or statement of a local Worker is
 * recorded, which takes half as much time again as the Worker, or more.
 */
export const QUIET = {
  WRANGLER_SEND_METRICS: "false",
  CLOUDFLARE_CF_FETCH_ENABLED: "false",
  X_LOCAL_OBSERVABILITY: "false",
  X_LOCAL_EXPLORER: "false",
};

/** Programs that cargo installs, each in exactly the version that the lock file asks for. */
export const cargoTools = [
  { crate: "worker-build", program: "worker-build", version: locked("worker") },
  // wasm-bindgen refuses a module that another version of its library was linked into. Its defaults are TLS, for the tests
  // that it can run.
  { crate: "wasm-bindgen-cli", program: "wasm-bindgen", version: locked("wasm-bindgen"), flags: ["--no-default-features"] },
];

/** Only `npm run fuzz` installs it. */
export const fuzzTool = { crate: "cargo-fuzz", program: "cargo-fuzz", version: "0.13.2" };

export const bin = (name) => join(root, "node_modules", ".bin", name);
const suffix = process.platform === "win32" ? ".exe" : "";
const installed = (program) => join(tools, "bin", program + suffix);

const versionOf = (program, subcommand) => {
  const args = [...(subcommand ? [subcommand] : []), "--version"];
  try {
    return execFileSync(program, args, { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
  } catch {
    return "";
  }
};

/** The path of a tool in the right version: the project's own, or one that the machine has already. */
export const find = ({ program, subcommand, version }) =>
  [installed(program), program].find((path) => versionOf(path, subcommand).split(/\s+/).includes(version));

/** Installs a tool if the machine lacks it. */
export const ensure = (tool) => {
  if (!find(tool)) {
    console.log(`Installing ${tool.crate} ${tool.version} into .tools (once, some minutes) ...`);
    install(tool);
  }
};

/** Removes what only compiling the tools needed. */
export const tidy = () => rmSync(profile.CARGO_TARGET_DIR, { recursive: true, force: true });

/**
 * Quickly built tools: they run for seconds, and optimised ones take twice as long to compile. What they share is
 * compiled once.
 */
const profile = {
  CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  CARGO_PROFILE_RELEASE_LTO: "off",
  CARGO_PROFILE_RELEASE_CODEGEN_UNITS: "256",
  CARGO_PROFILE_RELEASE_DEBUG: "0",
  CARGO_TARGET_DIR: join(tools, "build"),
};

const install = (tool) => {
  const install = ["install", "--root", tools, "--version", tool.version, tool.crate, "--bin", tool.program, ...(tool.flags ?? [])];
  const cargo = (...flags) => 
    execFileSync("cargo", [...install, ...flags], { cwd: root, stdio: "inherit", env: { ...process.env, ...profile } });
  try {
    cargo("--locked");
  } catch {
    // A registry mirror may lag behind the versions in the tool's own lock file.
    console.log(`${tool.crate}: its locked dependencies are not available; using compatible ones.`);
    cargo();
  }
};

/** The environment in which worker-build downloads nothing. */
export const buildEnvironment = () => {
  const wasmBindgen = find(cargoTools[1]);
  return {
    ...process.env,
    WASM_BINDGEN_BIN: existsSync(wasmBindgen) ? wasmBindgen : which(wasmBindgen),
    WASM_OPT_BIN: bin("wasm-opt"),
    ESBUILD_BIN: bin("esbuild"),
  };
};

const which = (program) => execFileSync("which", [program], { encoding: "utf8" }).trim();
