// The drawings of docs/architecture.md, made from the code.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tools.mjs";
import { edges, folders } from "./graph.mjs";

export const page = join(root, "docs", "architecture.md");

/** The crates of the workspace, and where each lies. */
export const crates = {
  "story-queue": ".",
  "queue-core": "crates/core",
  storyboard: "crates/storyboard",
  "check-config": "crates/check-config",
  testkit: "crates/testkit",
  sim: "sim",
  bench: "bench",
  "fuzz-checks": "fuzz/checks",
};

/** What a crate depends on in the workspace; for its tests alone as well, if asked. */
const dependencies = (folder) => {
  const manifest = readFileSync(join(root, folder, "Cargo.toml"), "utf8");
  const section = manifest.split(/^\[dependencies\]$/m)[1]?.split(/^\[/m)[0] ?? "";
  return [...section.matchAll(/^([\w-]+)/gm)].map(([, name]) => name).filter((name) => name in crates);
};

const mermaid = (lines) => ["```mermaid", "flowchart TD", ...lines.map((line) => `    ${line}`), "```"].join("\n");

const drawings = {
  crates: () =>
    mermaid(Object.entries(crates).flatMap(([name, folder]) => dependencies(folder).map((other) => `${name} --> ${other}`))),
  core: () =>
    mermaid(
      folders(edges(join(root, "crates/core/src")))
        // Everything knows the words of `domain`.
        .filter(({ to }) => to !== "domain")
        .map(({ from, to }) => `${from} --> ${to}`)
        .sort(),
    ),
};

/** The page with its drawings made anew. */
export const drawn = (text) =>
  Object.entries(drawings).reduce((page, [name, draw]) => {
    const place = new RegExp(`(<!-- ${name}: npm run imports -->\\n)[\\s\\S]*?(<!-- end -->)`);
    if (!place.test(page)) throw new Error(`docs/architecture.md has no place for the drawing "${name}"`);
    return page.replace(place, (_, begin, end) => `${begin}${draw()}\n${end}`);
  }, text);
