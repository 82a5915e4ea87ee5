// Installs what the project needs and the machine lacks; does nothing when all is there. Runs with any Node,
// before the right one is installed, so it uses nothing but what Node brings.

import { spawnSync } from "node:child_process";
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

// The npm packages, among them the Node that wrangler needs, exactly as the lock file has them.
if (changedAt("node_modules", ".package-lock.json") < changedAt("package-lock.json")) {
  run("npm", ["ci"], "inherit");
}
run(bin("node"), ["--version"]);

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
