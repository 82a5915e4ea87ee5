import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { root } from "../tools.mjs";
import { cycles, edges, folders, leaves } from "./graph.mjs";
import { drawn, page } from "./page.mjs";

const FOLDERS = ["src", "crates/core/src", "crates/storyboard/src", "bench/src", "sim/src"];

test("a use tree is taken apart", () => {
  const paths = leaves("a::{self, b::{c, d as e}, f}").map(({ path }) => path.join("::"));
  assert.deepEqual(paths, ["a", "a::b::c", "a::b::d", "a::f"]);
});

test("a cycle is found, and a chain is none", () => {
  const chain = [{ from: "a", to: "b" }, { from: "b", to: "c" }];
  assert.deepEqual(cycles(chain), []);
  assert.deepEqual(cycles([...chain, { from: "c", to: "a" }]), [["a", "b", "c"]]);
});

test("the graph is not empty", () => {
  const graph = edges(join(root, "crates/core/src"));
  assert.ok(graph.some(({ from, to }) => from === "gate::submit" && to === "gate::turn"));
  assert.ok(graph.length > 200, `${graph.length} edges`);
});

for (const folder of FOLDERS) {
  test(`no file and no folder of ${folder} imports itself through others`, () => {
    const graph = edges(join(root, folder));
    assert.deepEqual(cycles(graph), []);
    assert.deepEqual(cycles(folders(graph)), []);
  });
}

test("the crates that decide, draw and simulate know no platform", () => {
  for (const crate of ["queue-core", "storyboard", "sim"]) {
    const tree = execFileSync("cargo", ["tree", "--locked", "--offline", "-e", "normal", "-p", crate, "--prefix", "none"], { cwd: root, encoding: "utf8" });
    for (const platform of ["worker", "js-sys", "wasm-bindgen", "getrandom", "web-time"]) {
      assert.doesNotMatch(tree, new RegExp(`^${platform} v`, "m"), `${crate} depends on ${platform}`);
    }
  }
});

test("docs/architecture.md shows the crates and folders as they are; mend it by `npm run imports`", () => {
  const text = readFileSync(page, "utf8");
  assert.equal(text, drawn(text));
});
