// Every command of every page: it runs, here or in tests/e2e/pages.test.ts, or its reason not to is listed, and what it
// names exists. And what the pages point at is there.

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, test } from "node:test";
import { root } from "../tools.mjs";
import { differences } from "./answers.mjs";
import { blocks, commands, commandsOf, isForWorker, pages, textOf } from "./blocks.mjs";
import { NOT_HERE, NO_ANSWERS, begins, classOf } from "./classes.mjs";

const all = pages.flatMap(commandsOf);
const sources = new Map();
const source = (path) => {
  if (!sources.has(path)) sources.set(path, readFileSync(join(root, path), "utf8"));
  return sources.get(path);
};
const at = ({ page, line, command }) => `${page}:${line}: ${command.split("\n")[0]}`;
const none = (wrong) => assert.deepEqual(wrong, []);

test("every command is in a class, and every reason is of a command", () => {
  assert.ok(all.length > 100, `${all.length} commands`);
  none(all.filter((found) => classOf(found) === undefined).map(at));
  none(NOT_HERE.filter(([beginning]) => !all.some(({ command }) => begins(command, beginning))).map(([beginning]) => beginning));
});

test("every other block is the answer to a curl, or its origin is listed", () => {
  const origin = ({ page, text }) => NO_ANSWERS.some(([where, beginning]) => where === page && text.startsWith(beginning));
  none(pages.flatMap((page) => {
    const fenced = blocks(page).filter(({ language }) => language !== null);
    return fenced.filter((block, index) => {
      const before = fenced[index - 1];
      const isAnswer = ["json", ""].includes(block.language) && before?.language === "sh" && isForWorker(before.text);
      return !["sh", "mermaid"].includes(block.language) && !isAnswer && !origin(block);
    });
  }).map(({ page, line }) => `${page}:${line}`));
});

const WRANGLER = "node_modules/wrangler/wrangler-dist/cli.js";
/** Where the flags of a script are read; those of cargo-mutants are its own. */
const FLAGS_IN = {
  demo: "scripts/demo.mjs", sim: "sim/src/main.rs", chaos: "scripts/chaos.mjs", fuzz: "scripts/fuzz.mjs", bench: "scripts/bench.mjs",
  start: WRANGLER, deploy: WRANGLER,
};

/** Flags that a command names and that file does not read. */
const unread = (command, file) => {
  const names = [...command.matchAll(/ \[?--?([a-z][\w-]*)/g)].map(([, name]) => name);
  const forms = (name) => [`"--${name}"`, `'--${name}'`, ` ${name}: {`, `"${name}": {`, `alias: "${name}"`];
  return names.filter((name) => file === undefined || !forms(name).some((form) => source(file).includes(form)));
};

/** What is wrong with a command of npm. */
function wrongInNpm({ command }) {
  const [, name, rest = ""] = command.match(/^(?:[A-Z_]+=\S+ )*npm (?:run )?(?:--silent )?([\w:]+)(?: --( .*))?/) ?? [];
  if (name === undefined) return false;
  const parts = name === "bench" ? rest.split(" ").filter((word) => /^[a-z]/.test(word)) : [];
  const isKnown = name in JSON.parse(source("package.json")).scripts;
  return !isKnown || parts.some((part) => !source("scripts/bench.mjs").includes(`\n  ${part}: `)) || (name !== "mutants" && unread(rest, FLAGS_IN[name]).length > 0);
}

test("every npm script, and every flag after it, exists", () => none(all.filter(wrongInNpm).map(at)));

test("every script that a page runs with node exists", () => {
  const names = all.flatMap(({ command }) => command.match(/^node (\S+)/)?.slice(1) ?? []);
  assert.ok(names.length > 0);
  none(names.filter((name) => !existsSync(join(root, name))));
});

/** What is wrong with a command of wrangler: the words before its arguments are no command, or a flag does not exist. */
function wrongInWrangler({ command }) {
  const [plain] = command.split(" | ");
  const words = plain.split(" ").slice(2).filter((word) => /^[a-z][a-z0-9-]*$/.test(word));
  // A group of commands, such as `wrangler queues`, is none.
  const isCommand = (name) => source(WRANGLER).includes(`command: "wrangler ${name}",`) && !source(WRANGLER).includes(`command: "wrangler ${name} `);
  const isKnown = words.some((_, index) => isCommand(words.slice(0, index + 1).join(" ")));
  return !isKnown || unread(plain, WRANGLER).length > 0;
}

test("every command of wrangler, and every flag of it, exists", () => {
  const found = all.filter(({ command }) => command.startsWith("npx wrangler "));
  assert.ok(found.length > 20);
  none(found.filter(wrongInWrangler).map(at));
});

test("every setting that a page gives npm start exists", () => {
  const named = all.flatMap((found) => [...found.command.matchAll(/--var (\w+):/g)].map(([, name]) => ({ ...found, name })));
  none(named.filter(({ name }) => name !== "NAME" && !textOf("docs/configuration.md").includes(`| \`${name}\``)).map(at));
});

test("every file that a page names exists", () => {
  const FOLDERS = /^(?:crates|src|scripts|tests|docs|sim|bench|fuzz|public|examples|\.github|\.ci|\.cargo)\/[\w./-]+$/;
  const named = pages.flatMap((page) => blocks(page).filter(({ language, text }) => language === null && FOLDERS.test(text)));
  assert.ok(named.length > 30, `${named.length} files`);
  none(named.filter(({ text }) => !existsSync(join(root, text))).map(({ page, line, text }) => `${page}:${line}: ${text}`));
});

test("every link leads somewhere", () => {
  const anchors = (page) => {
    const headings = [...textOf(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => heading);
    return headings.map((heading) => heading.toLowerCase().replace(/[^\p{L}\p{N} _-]/gu, "").replaceAll(" ", "-"));
  };
  none(pages.flatMap((page) => [...textOf(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)].filter(([, path, anchor]) => {
    const target = path === "" ? page : join(dirname(page), path);
    return !existsSync(join(root, target)) || (anchor !== undefined && !anchors(target).includes(anchor));
  }).map(([link]) => `${page}: ${link}`)));
});

test("README.md has at most 250 lines; more goes to docs/", () => {
  assert.ok(textOf("README.md").trimEnd().split("\n").length <= 250);
});

test("the job followed through the code: twelve files at most, each with what is named in it", () => {
  const [walk] = textOf("docs/architecture.md").split("## A job followed through the code\n").slice(1);
  const steps = walk.split(/\n(?=\d+\. )/).slice(1);
  const files = steps.map((step) => step.match(/`([\w/.-]+\.rs)`/)[1]);
  assert.ok(files.length >= 8 && files.length <= 12, `${files.length} files`);
  assert.equal(walk.match(/\.rs`/g).length, files.length, "no other file is named");
  none(steps.flatMap((step, index) => {
    const names = [...step.matchAll(/`(\w+)`/g)].map(([, name]) => name);
    return names.filter((name) => !new RegExp(`\\b${name}\\b`).test(source(files[index]))).map((name) => `${files[index]}: ${name}`);
  }));
});

const folder = mkdtempSync(join(tmpdir(), "pages-"));
after(() => rmSync(folder, { recursive: true, force: true }));
for (const name of ["wrangler.toml", "package.json", "node_modules"]) symlinkSync(join(root, name), join(folder, name));
const shell = (command, { cwd = folder, path = "" } = {}) =>
  spawnSync("bash", ["-c", command], { cwd, encoding: "utf8", env: { ...process.env, PATH: `${path}${process.env.PATH}` } });

test("the commands that can run here run", () => {
  for (const found of all.filter((found) => classOf(found) === "here" && !found.command.includes("wrangler tail"))) {
    // npm runs where package.json is; what the page has made lies in the folder.
    const isNpm = found.command.startsWith("npm");
    const command = isNpm ? found.command.replace(/ (wrangler\.\w+\.toml)$/, ` ${folder}/$1`) : found.command;
    const { status, stderr } = shell(command, { cwd: isNpm ? root : folder });
    assert.equal(status, 0, `${at(found)}\n${stderr}`);
    const [, made] = found.command.match(/> (\.dev\.vars\.\w+)/) ?? [];
    if (made === undefined) continue;
    assert.match(readFileSync(join(folder, made), "utf8"), /^SERVICE_KEYS=[0-9a-f]{64}\n$/);
    assert.equal(statSync(join(folder, made)).mode & 0o077, 0, "nobody else may read it");
  }
  const staging = readFileSync(join(folder, "wrangler.staging.toml"), "utf8");
  none(["story-queue", "story-queue-artifacts", "stories", "stories-dlq"].filter((name) => staging.includes(`"${name}"`)));
});

test("the lines of the log are counted by tier, as the page says", () => {
  const [count] = all.filter(({ command }) => /^npx wrangler tail .*\| node -e/.test(command));
  const [lines] = blocks(count.page).filter(({ language, text }) => language === "" && text.startsWith("[Queue Consumer] Processing"));
  writeFileSync(join(folder, "npx"), `#!/bin/sh\nprintf '%s' '${JSON.stringify({ logs: [lines.text, lines.text] })}'\n`);
  chmodSync(join(folder, "npx"), 0o755);
  const { status, stdout, stderr } = shell(count.command, { path: `${folder}:` });
  assert.equal(status, 0, stderr);
  assert.deepEqual(JSON.parse(stdout.trim().split("\n").at(-1)), { "Tier: tier3, Priority: 3": 2 });
});

test("a block of shell is taken apart, and a comment goes", () => {
  assert.deepEqual(commands("# why\nnpm test    # all\nfor n in 1 2; do\n  sleep $n\ndone\nnode -e '\n1'"), ["npm test", "for n in 1 2; do\n  sleep $n\ndone", "node -e '\n1'"]);
});

test("a command that nobody thought of is in no class", () => {
  assert.equal(classOf({ command: "npm run polish" }), undefined);
  assert.equal(classOf({ command: "npm testing" }), undefined);
});

test("an answer that differs is found", () => {
  const shown = '{"id":"01a2064d-…","at":"2026-11-23T02:47:37.193Z","list":[{"a":1,…},…],"n":null}';
  const came = (change) => JSON.stringify({ id: "018bcfe5-6800-7000-8000-000000000000", at: "2027-01-01T00:00:00.000Z", list: [{ b: 2 }, { a: 1 }], n: {}, ...change });
  assert.deepEqual(differences(shown, came({})), []);
  assert.deepEqual(differences(shown, came({ more: 1 })), ["/more is not shown"]);
  assert.deepEqual(differences(shown, came({ at: undefined })), ["/at is undefined"]);
  assert.deepEqual(differences(shown, came({ list: [] })), ["/list is empty"]);
  assert.deepEqual(differences("HTTP/1.1 401 Unauthorized\n…\nA: b", 'HTTP/1.1 200 OK\r\na: c\r\n\r\n{}'), ["status 200", "header A"]);
});
