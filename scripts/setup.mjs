// Installs what the project needs and the machine lacks; does nothing when all is there. Runs with any Node,
// before the right one is installed, so it uses nothing but what Node brings.

import { spawn, spawnSync } from "node:child_process";
import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { bin, cargoTools, ensure, root, tidy } from "./tools.mjs";

const run = (program, args, stdio = "pipe") => {
  const { status, stderr, error } = spawnSync(program, args, { cwd: root, encoding: "utf8", stdio });
  if (status !== 0) {
    console.error(error?.code === "ENOENT" ? `${program} is missing; install Rust from rustup.rs` : stderr ?? "");
    process.exit(1);
  }
};

const changedAt = (...path) => statSync(join(root, ...path), { throwIfNoEntry: false })?.mtimeMs ?? 0;

/** Starts what mostly waits for the network, and goes on meanwhile. */
const begin = (program, ...args) => new Promise((resolve) => {
  const child = spawn(program, args, { cwd: root, stdio: "inherit" });
  child.on("error", () => resolve(false));
  child.on("close", (code) => resolve(code === 0));
});

// The npm packages, among them the Node that wrangler needs, exactly as the lock file has them.
const isStale = changedAt("node_modules", ".package-lock.json") < changedAt("package-lock.json");
const packages = isStale ? begin("npm", "ci") : true;
const browser = process.argv.includes("--browser") ? begin(process.execPath, "scripts/browser.mjs") : true;

// rust-toolchain.toml names them, too, but a machine may have switched off their automatic installation.
const channel = readFileSync(join(root, "rust-toolchain.toml"), "utf8").match(/channel = "([^"]+)"/)[1];
const target = "wasm32-unknown-unknown";
const components = ["clippy", "rustfmt"];
const installed = (what) => {
  const { stdout } = spawnSync("rustup", [what, "list", "--installed", "--toolchain", channel], { encoding: "utf8" });
  return stdout ?? "";
};
const present = installed("component");
if (!installed("target").includes(target) || !components.every((component) => present.includes(component))) {
  const wanted = ["--target", target, ...components.flatMap((component) => ["--component", component])];
  run("rustup", ["toolchain", "install", channel, "--profile", "minimal", "--no-self-update", ...wanted]);
}

cargoTools.forEach(ensure);
tidy();
if (!(await packages) || !(await browser)) process.exit(1);
run(bin("node"), ["--version"]);
