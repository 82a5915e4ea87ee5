// Which file of a crate imports from which: read from its `use` statements and paths, re-exports followed, tests left out.

import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";


/** Every `.rs` file under a folder, as module path ("gate::turn", "" for the root) and text. */
const modules = (folder, path = []) => {
  const found = [];
  for (const name of readdirSync(folder).sort()) {
    const file = join(folder, name);
    if (statSync(file).isDirectory()) found.push(...modules(file, [...path, name]));
    else if (name.endsWith(".rs")) {
      const own = ["lib.rs", "main.rs", "mod.rs"].includes(name) ? path : [...path, name.slice(0, -3)];
      found.push({ path: own, file, text: code(readFileSync(file, "utf8")) });
    }
  }
  return found;
};

/** A source without comments, strings and its module of tests. */
const code = (text) =>
  text
    .replace(/#\[cfg\(test\)\]\s*mod \w+ \{[\s\S]*/, "")
    .replace(/\/\/[^\n]*/g, "")
    .replace(/"(?:[^"\\]|\\[\s\S])*"/g, '""');

/** The paths that a use tree names: `a::{b, c as d}` is [a, b] and [a, c]. */
export const leaves = (tree) => {
  const all = [];
  const walk = (text, prefix) => {
    for (const part of split(text)) {
      const brace = part.indexOf("{");
      if (brace >= 0) walk(part.slice(brace + 1, part.lastIndexOf("}")), [...prefix, ...names(part.slice(0, brace))]);
      else {
        const [path, alias] = part.split(/\s+as\s+/);
        all.push({ path: [...prefix, ...names(path)].filter((name) => name !== "self" || prefix.length === 0), alias });
      }
    }
  };
  walk(tree, []);
  return all;
};

const names = (text) => text.split("::").map((name) => name.trim()).filter(Boolean);

const split = (text) => {
  const parts = [];
  let depth = 0, from = 0;
  for (let at = 0; at <= text.length; at++) {
    if (text[at] === "{") depth++;
    else if (text[at] === "}") depth--;
    else if ((text[at] === "," && depth === 0) || at === text.length) {
      const part = text.slice(from, at).trim();
      if (part) parts.push(part);
      from = at + 1;
    }
  }
  return parts;
};

/** The edges between the modules of the crate in that folder: [{ from, to }], as module paths. */
export const edges = (folder) => {
  const all = modules(folder);
  const byPath = new Map(all.map((module) => [module.path.join("::"), module]));
  for (const module of all) {
    module.exports = new Map();
    const uses = /(pub(?:\([a-z: ]+\))?\s+)?use\s+([^;]+);/g;
    module.uses = [...module.text.matchAll(uses)].map(([, visibility, tree]) => ({ visibility, leaves: leaves(tree) }));
    for (const { visibility, leaves: named } of module.uses) {
      if (!visibility) continue;
      for (const { path, alias } of named) module.exports.set(alias ?? path.at(-1), path);
    }
  }
  /** The module in which a path, seen from a module, ends; re-exports followed. */
  const home = (from, path, depth = 0) => {
    let at, rest = [...path];
    if (rest[0] === "crate") { at = []; rest.shift(); }
    else if (rest[0] === "super" || rest[0] === "self") {
      at = [...from];
      while (rest[0] === "super") { at.pop(); rest.shift(); }
      if (rest[0] === "self") rest.shift();
    } else if (byPath.has([...from, rest[0]].join("::"))) at = [...from];
    else return undefined;
    while (rest.length > 0) {
      const next = [...at, rest[0]].join("::");
      if (byPath.has(next)) { at = [...at, rest.shift()]; continue; }
      const exported = byPath.get(at.join("::"))?.exports.get(rest[0]);
      if (exported && depth < 8) return home(at, [...exported, ...rest.slice(1)], depth + 1);
      break;
    }
    return at.join("::");
  };
  const found = new Map();
  for (const module of all) {
    const from = module.path.join("::");
    const paths = module.uses.filter(({ visibility }) => !visibility).flatMap(({ leaves: named }) => named.map(({ path }) => path));
    const body = module.text.replace(/(pub(\([a-z: ]+\))?\s+)?use\s+[^;]+;/g, "");
    for (const [path] of body.matchAll(/\b(?:crate|super)(?:::[A-Za-z_][A-Za-z0-9_]*)+/g)) paths.push(names(path));
    for (const [, child] of body.matchAll(/(?<![:\w])([a-z_]\w*)::/g)) {
      if (byPath.has([...module.path, child].join("::"))) paths.push(["self", child]);
    }
    for (const path of paths) {
      const to = home(module.path, path);
      if (to !== undefined && to !== from) found.set(`${from} ${to}`, { from, to });
    }
  }
  return [...found.values()];
};

/** Groups of modules that import one another, directly or not: each is a cycle (strongly connected, after Tarjan). */
export const cycles = (graph) => {
  const next = new Map();
  for (const { from, to } of graph) {
    if (!next.has(from)) next.set(from, []);
    next.get(from).push(to);
  }
  const index = new Map(), low = new Map(), stack = [], groups = [];
  const visit = (at) => {
    index.set(at, index.size);
    low.set(at, index.get(at));
    stack.push(at);
    for (const to of next.get(at) ?? []) {
      if (!index.has(to)) visit(to);
      if (stack.includes(to)) low.set(at, Math.min(low.get(at), low.get(to)));
    }
    if (low.get(at) !== index.get(at)) return;
    const group = stack.splice(stack.indexOf(at));
    if (group.length > 1) groups.push(group.sort());
  };
  for (const at of next.keys()) if (!index.has(at)) visit(at);
  return groups;
};

/** The same graph between folders: the first name of each module path. */
export const folders = (graph) => {
  const top = (path) => path.split("::")[0];
  const found = new Map();
  for (const { from, to } of graph) {
    if (top(from) !== top(to) && from !== "" && to !== "") found.set(`${top(from)} ${top(to)}`, { from: top(from), to: top(to) });
  }
  return [...found.values()];
};
