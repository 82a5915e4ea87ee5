// What stands in the pages: fenced blocks, the commands in them, and commands and `npm start` in running text.

import { spawnSync } from "node:child_process";
import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../tools.mjs";

/** Every page, by its path from the root. */
export const pages = ["README.md", "CONTRIBUTING.md", ...readdirSync(join(root, "docs")).filter((name) => name.endsWith(".md")).map((name) => `docs/${name}`)];

export const textOf = (page) => readFileSync(join(root, page), "utf8");

/** The fenced blocks and the texts in backticks of a page, in its order: `{ page, line, language, text }`; in backticks, `language` is null. */
export function blocks(page) {
  const found = [];
  let open = null;
  for (const [index, line] of textOf(page).split("\n").entries()) {
    const fence = line.match(/^( *)```(\w*)$/);
    if (fence && open === null) {
      open = { page, line: index + 1, language: fence[2], indent: fence[1].length, lines: [] };
    } else if (fence) {
      const { lines, indent, ...block } = open;
      found.push({ ...block, text: lines.map((line) => line.slice(indent)).join("\n") });
      open = null;
    } else if (open) {
      open.lines.push(line);
    } else {
      for (const [, text] of line.matchAll(/`([^`]+)`/g)) found.push({ page, line: index + 1, language: null, text });
    }
  }
  return found;
}

const isWhole = (text) => spawnSync("bash", ["-n", "-c", text]).status === 0;

/** The commands of a block of shell, each with all of its lines and without what is only a comment. */
export function commands(text) {
  const found = [];
  let command = "";
  for (const line of text.split("\n")) {
    if (command === "" && /^\s*(#|$)/.test(line)) continue;
    command = command === "" ? line : `${command}\n${line}`;
    if (!isWhole(command)) continue;
    found.push(command.replace(/ +# .*$/, ""));
    command = "";
  }
  if (command !== "") throw new Error(`no shell takes this: ${command}`);
  return found;
}

/** A command in running text; one that ends with `…` stands for several. */
const STARTS = /^([A-Z_]+=\S+ )*(npm|npx|node|cargo|git) .*[^…]$/;

/** Every command of a page: those of its fenced blocks, and those in running text. */
export const commandsOf = (page) =>
  blocks(page).flatMap(({ line, language, text }) => {
    const found = language === "sh" ? commands(text) : language === null && STARTS.test(text) ? [text] : [];
    return found.map((command) => ({ page, line, command, needsWorker: isForWorker(text) }));
  });

/** Whether a block asks a Worker: then all of it runs in one shell, against a real one. */
export const isForWorker = (block) => /\bcurl -s/.test(block);
