// The examples of the pages, word for word and in their order, against a real Worker with the settings that the page says.

import { spawn, spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { differences, read } from "../../scripts/pages/answers.mjs";
import { blocks, commands, isForWorker, pages, textOf } from "../../scripts/pages/blocks.mjs";
import { eventually, startWorker, type Vars, type Worker } from "./worker";

const canAsk = spawnSync("curl", ["--version"]).status === 0;
if (!canAsk) console.warn("SKIPPED: the examples of the pages, because curl is not installed.");

/** Beside what the pages set: a running job whose user is deleted stops at its next renewal, and the test waits for that. */
const SOONER = { LEASE_SECONDS: "4" };

/** A shell in a folder of its own, which keeps its variables from one command to the next. */
function startShell(port: string) {
  const folder = mkdtempSync(join(tmpdir(), "pages-"));
  for (const name of ["examples", "episodes"]) cpSync(name, join(folder, name), { recursive: true });
  // The addresses of the page lead to the Worker; standard error says what was asked and answered.
  writeFileSync(join(folder, ".curlrc"), `connect-to = "localhost:8787:127.0.0.1:${port}"\nwrite-out = "%{stderr}%{method} %{http_code} %{url_effective}\\n"\n`);
  const bash = spawn("bash", { cwd: folder, env: { ...process.env, CURL_HOME: folder } });
  let [out, err] = ["", ""];
  bash.stdout.setEncoding("utf8").on("data", (text) => { out += text; });
  bash.stderr.setEncoding("utf8").on("data", (text) => { err += text; });
  return {
    folder,
    async run(command: string) {
      [out, err] = ["", ""];
      bash.stdin.write(`{ ${command}\n} </dev/null\ncode=$?; echo "END $code"; echo END >&2\n`);
      await eventually(() => expect([/END \d+\n$/.test(out), err.endsWith("END\n")]).toEqual([true, true]));
      const [, shown, code] = out.match(/^([^]*)END (\d+)\n$/)!;
      const asked = [...err.matchAll(/^([A-Z]+) (\d{3}) http:\/\/localhost:8787([^?\s]*)/gm)];
      return { code: Number(code), out: shown, asked: asked.map(([, method, status, path]) => ({ method, status: Number(status), path })) };
    },
    close() {
      bash.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** What `npm start` sets on its command line, in that form. */
const varsOf = (command: string): Vars =>
  Object.fromEntries([...command.matchAll(/--var (\w+):(\S+)/g)].map(([, name, value]) => [name, value]));

/** The statuses that docs/api.md gives for each route. */
const answersOf = [...textOf("docs/api.md").matchAll(/^\| \[`([A-Z]+) (\/\S*)`\].*\| ([\d, ]+) \|$/gm)].map(([, method, path, statuses]) => ({
  method,
  path: new RegExp(`^${path.replace(/\{name\}/, ".+").replace(/\{\w+\}/g, "[^/]+")}$`),
  statuses: statuses.split(", ").map(Number),
}));

const isFound = (method: string, path: string, status: number) =>
  answersOf.some((route) => route.method === method && route.path.test(path) && route.statuses.includes(status));

/** Runs a block, and says what went otherwise than the page says. */
async function follow(shell: ReturnType<typeof startShell>, block: string, shown = "") {
  const stated = read(shown).map(({ status, fields }: any) => status ?? fields.status).filter((status: any) => typeof status === "number");
  const wrong: string[] = [];
  const statuses: number[] = [];
  let out = "";
  for (const command of commands(block)) {
    const run = async () => {
      const ran = await shell.run(command);
      expect(ran).toMatchObject({ code: 0 });
      return ran;
    };
    // The page tells its reader to wait for a result; `curl -f` says whether it is there.
    const ran = await (/\bcurl -sf /.test(command) ? eventually(run) : run());
    out += `${ran.out}\n`;
    for (const { method, status, path } of ran.asked) {
      statuses.push(status);
      if (!isFound(method, path, status) && !stated.includes(status)) wrong.push(`${method} ${path}: ${status}`);
    }
  }
  const notCome = stated.filter((status: number) => !statuses.includes(status)).map((status: number) => `no answer was ${status}`);
  return [...wrong, ...notCome, ...differences(shown, out)];
}

/** Waits until nothing of the page's user is under way, which a new Worker would find half done. */
const settled = (worker: Worker, { SERVICE_KEYS }: Vars) =>
  eventually(async () => {
    const user = await (SERVICE_KEYS ? worker.as(SERVICE_KEYS) : worker).user("demo-user");
    expect(user).toMatchObject({ active: 0, parked: 0, retrying: 0, isBeingDeleted: false });
  });

const examples = pages.filter((page) => blocks(page).some(({ language, text }) => language === "sh" && isForWorker(text)));

let [worker, vars]: [Worker | undefined, Vars] = [undefined, {}];
beforeAll(async () => { worker = canAsk ? await startWorker(SOONER) : undefined; });
afterAll(() => worker?.close());

/** Has the Worker run with the settings of an `npm start`. */
async function start(wanted: Vars) {
  if (JSON.stringify(vars) === JSON.stringify(wanted)) return;
  await settled(worker!, vars);
  vars = wanted;
  await worker!.crash({ ...SOONER, ...vars });
}

test.skipIf(!canAsk).each(examples)("the examples of %s run, and answer as shown", async (page) => {
  const parts = blocks(page).filter(({ language, text }) => language !== null || /^npm start\b(?!.*NAME)/.test(text));
  const shell = startShell(new URL(worker!.url).port);
  const wrong: string[] = [];
  let wanted: Vars = {};
  try {
    for (const [index, { line, language, text }] of parts.entries()) {
      if (text.startsWith("npm start")) wanted = varsOf(text);
      if (language !== "sh" || !isForWorker(text)) continue;
      await start(wanted);
      const next = parts[index + 1];
      const shown = next?.language === "json" || next?.language === "" ? next.text : undefined;
      wrong.push(...(await follow(shell, text, shown)).map((what) => `${page}:${line}: ${what}`));
    }
  } finally {
    shell.close();
  }
  expect(wrong).toEqual([]);
});
