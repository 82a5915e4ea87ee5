// The page at /: its files beside the routes, and how a visitor makes stories, in a real Chromium.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { describe as words } from "../../public/page/words.js";
import { canBrowse, jobOf, plays, send, startBrowser, texts, type Page, type Visitor } from "./browser";
import { newUser, startWorker, type Json, type Worker } from "./worker";

const PUBLIC = join(import.meta.dirname, "../../public");

let worker: Worker;
beforeAll(async () => { worker = await startWorker({ STORYBOARD_PACE_MS: "150" }); });
afterAll(() => worker.close());

const files = readdirSync(PUBLIC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "_headers")
  .map(({ parentPath, name }) => join(parentPath, name).slice(PUBLIC.length))
  .map((file) => (file === "/index.html" ? "/" : file.replace(/\.html$/, "")));

describe("the files beside the routes", () => {
  test("each is served, with a policy that allows nothing from other origins", async () => {
    expect(files).toEqual(expect.arrayContaining(["/", "/plans.json", "/page/app.js", "/page/style.css", "/page/favicon.svg", "/page/stage"]));
    for (const file of files) {
      const answer = await worker.send("GET", file);
      expect({ file, status: answer.status }).toEqual({ file, status: 200 });
      expect(answer.headers.get("x-content-type-options")).toBe("nosniff");
      const policy = answer.headers.get("content-security-policy");
      expect(policy).toContain("default-src 'none'");
      if (file === "/page/stage") expect(policy).toMatch(/^sandbox allow-scripts;/);
      else expect(policy).not.toMatch(/unsafe|https?:|\*/);
    }
    expect((await worker.send("GET", "/")).bytes.toString()).toMatch(/^<!doctype html>/);
    expect(await worker.send("HEAD", "/")).toMatchObject({ status: 200 });
  });

  test("none hides a route, and missing files are answered by the API", async () => {
    for (const path of ["/nothing", "/page", "/page/nothing.js", "/page/", "/plans", "/_headers", "/tiers/", "/users/plans.json"]) {
      const answer = await worker.send("GET", path);
      expect({ path, type: answer.headers.get("content-type") }).toEqual({ path, type: expect.stringMatching(/^application\/(problem\+)?json$/) });
      if (!path.startsWith("/users/")) expect(answer).toMatchObject({ status: 404, body: { type: "urn:story-queue:problem:no-route" } });
    }
    const toml = readFileSync(join(PUBLIC, "../wrangler.toml"), "utf8");
    const first: string[] = JSON.parse(/^run_worker_first = (\[.*\])$/m.exec(toml)![1]);
    const source = readFileSync(join(PUBLIC, "../crates/core/src/api/routes.rs"), "utf8");
    const [whole] = /match segments\.as_slice\(\) \{.*?\n    \}\n/s.exec(source)!;
    const routes = whole.matchAll(/^\s+\["([a-z-]+)"/gm);
    for (const [, segment] of routes) expect(first).toContain(`/${segment}*`);
  });

  test("none loads from other origins or writes HTML into the page", () => {
    for (const file of files.filter((file) => !file.endsWith(".svg"))) {
      const text = readFileSync(join(PUBLIC, file === "/" ? "index.html" : file === "/page/stage" ? "page/stage.html" : file), "utf8");
      expect({ file, found: text.match(/https?:\/\/[^\s'"]+/g) }).toEqual({ file, found: null });
      expect(text).not.toMatch(/innerHTML|insertAdjacentHTML|<script>|<style|\sstyle=|\son[a-z]+="/);
    }
  });
});

describe("the words for a state", () => {
  const told = (from: number, until: number) => ({ from: new Date(from).toISOString(), startsAt: new Date(from).toISOString(), until: new Date(until).toISOString() });
  const at = { number: 2, of: 3, name: "audio" };
  const table: [job: Json, label: string, words: RegExp][] = [
    [{ status: "queued" }, "Queued", /on its way/],
    [{ status: "queued", waiting: { reason: "queue", detail: "It is waiting for its turn." } }, "Next up", /about to start/],
    [{ status: "queued", waiting: { reason: "capacity", active: 50, limit: 50, position: 10_001, positionIsAtLeast: true } }, "Waiting for room", /50 of 50 slots.*Place 10,001 or later in line/],
    [{ status: "queued", waiting: { reason: "capacity", detail: "It does not answer." } }, "Waiting for room", /It does not answer\./],
    [{ status: "queued", waiting: { reason: "capacity", position: 2, estimate: told(0, 90_000) } }, "Waiting for room", /Place 2 in line, starts within 2 minutes/],
    [{ status: "queued", waiting: { reason: "capacity", position: 2, estimate: told(60_000, 170_000) } }, "Waiting for room", /Place 2 in line, starts in 1 to 3 minutes/],
    [{ status: "parked", waiting: { reason: "user_limit", estimate: told(20_000, 20_400) } }, "Parked", /Starts in about 20 seconds/],
    [{ status: "parked", waiting: { reason: "user_limit", active: 2, limit: 2, position: 1 } }, "Parked", /allows 2 at once, and 2 are being made.*First in line/],
    [{ kind: "episode", status: "parked", waiting: { reason: "kind_limit", active: 1, limit: 1, position: 1 } }, "Parked", /1 episode made at a time, and 1 is being made.*What else you send goes on meanwhile/],
    [{ status: "parked", waiting: { reason: "user_limit", active: 1, limit: 1, position: 4 } }, "Parked", /allows 1 at once, and 1 is being made.*Place 4 in line/],
    [{ status: "parked", waiting: { reason: "user_limit", active: 0, limit: 2 } }, "Parked", /behind your own/],
    [{ status: "parked", waiting: { reason: "moon", detail: "The moon is out." } }, "Parked", /The moon is out\./],
    [{ status: "running", stage: at }, "Being made", /Step 2 of 3: captions/],
    [{ status: "scheduled", waiting: { reason: "scheduled", until: new Date(9_900).toISOString() } }, "Scheduled", /May start in 10 seconds/],
    [{ status: "expired" }, "Expired", /had not started/],
    [{ status: "retrying", error: { message: "No paint." }, waiting: { until: new Date(9_900).toISOString() } }, "Trying again", /No paint\..*Next attempt in 10 seconds/],
    [{ status: "running", stage: at, cancelRequested: true }, "Stopping", /within 15 seconds/],
    [{ status: "succeeded", waitMs: 7_200_000 }, "Ready", /2 hours/],
    [{ status: "failed", error: { message: "No paint.", code: "no_paint" } }, "Failed", /No paint\. \(no_paint\)/],
    [{ status: "cancelled" }, "Cancelled", /before it was finished/],
    [{ status: "dreaming", waiting: { detail: "It dreams." } }, "dreaming", /It dreams\./],
  ];
  test.each(table)("$0.status, $0.waiting", (job, label, pattern) => {
    const found = words(0, job);
    expect(found.label).toBe(label);
    expect(`${found.sentence} ${found.more}`).toMatch(pattern);
  });
});

describe.skipIf(!canBrowse)("in a browser", () => {
  let browser: Visitor;
  beforeAll(async () => { browser = await startBrowser(); });
  afterAll(() => browser?.close());

  const visit = (prepare?: (page: Page) => Promise<unknown>) => browser.visit(worker.url, {}, prepare);

  test("a story is sent, and followed until its player plays", async () => {
    const page = await visit();
    const userId = newUser("auth0|mara");
    await page.selectOption("#style", "watercolor");
    await send(page, "Tide & <b>Clock</b>", userId);
    await page.getByText("Now showing").waitFor();
    const job = jobOf(page, "Tide & <b>Clock</b>");
    expect(await job.locator(".state").innerText()).toBe("Ready");
    expect(await texts(page, ".steps li")).toEqual([/^Pictures/, /^Captions/, /^Player/].map((text) => expect.stringMatching(text)));
    await page.getByRole("status").getByText("the player is open").waitFor({ state: "attached" });

    const frame = await plays(page);
    expect(await frame.textContent("h1")).toBe("Tide & <b>Clock</b>");
    // It is nobody there: no origin, no way to this page, none to the service.
    const reach = await frame.evaluate(async (url) => ({
      origin: self.origin,
      parent: (() => { try { return typeof parent.document; } catch { return "closed"; } })(),
      service: await fetch(url, { mode: "no-cors" }).then(() => "open", () => "closed"),
    }), `${worker.url}/tiers`);
    expect(reach).toEqual({ origin: "null", parent: "closed", service: "closed" });

    const [download] = await Promise.all([page.waitForEvent("download"), job.getByRole("button", { name: "Save the player" }).click()]);
    expect(download.suggestedFilename()).toBe("player.html");
    expect((await worker.jobs(encodeURIComponent(userId))).jobs).toMatchObject([{ status: "succeeded" }]);
    await page.getByRole("button", { name: "Close the player" }).click();
    expect(await page.locator("#theatre").isHidden()).toBe(true);
    // Not `leave`: what it tried to reach was reported.
    await page.context().close();
  });

  test("a parked story shows why, offers the next plan, and can be cancelled", async () => {
    const page = await visit();
    const userId = newUser("theo");
    // Long enough that two are still being made when the third is looked at.
    for (let scene = 0; scene < 5; scene++) await page.click("#add-scene");
    for (const [index, area] of (await page.locator("#scenes textarea").all()).entries()) await area.fill(`Scene ${index}.`);
    expect(await page.locator("#upgrade").innerText()).toContain("More with Plus");
    for (const title of ["One", "Two", "Three"]) await send(page, title, userId);
    const parked = page.locator(".job[data-status=parked]").first();
    await parked.waitFor();
    expect((await parked.innerText()).replace(/\n+/g, "\n")).toMatch(/Parked\nYour plan allows 2 at once, and 2 are being made\. This one starts when it is first in line and one of them is finished\.\nFirst in line/);
    await page.locator("#upgrade").getByText("One of your stories is waiting, because 2 are already being made.").waitFor();
    expect(await page.locator("#upgrade").innerText()).toMatch(/Wait less with Plus[^]*5 stories at once instead of 2[^]*Priority processing/);
    await page.locator("#account").getByText(`${userId} is on Free · 2 of 2 being made · 1 parked`).waitFor();

    const title = await parked.locator("h4").innerText();
    await parked.getByRole("button", { name: "Cancel" }).click();
    await jobOf(page, title).getByText("Cancelled", { exact: true }).waitFor();
    // The page may hear of it before its own request is answered.
    await page.waitForFunction(() => document.activeElement!.tagName === "H4");
    await page.locator("#upgrade").getByText("More with Plus").waitFor();
    await page.leave();
  });

  test("while the service does not answer, the page says so and keeps trying", async () => {
    const page = await visit();
    await page.route("**/users/*/jobs/*", (route) => route.abort());
    await send(page, "Patience", newUser("mara"));
    await jobOf(page, "Patience").getByText("The service cannot be reached. Check your connection. Trying again in 1 second.").waitFor();
    await page.unroute("**/users/*/jobs/*");
    await page.getByText("Now showing").waitFor();
    expect(await jobOf(page, "Patience").locator(".fault").isHidden()).toBe(true);
    await page.leave();
  });

  test("sending again after a lost answer makes no second job", async () => {
    const page = await visit();
    const userId = newUser("mara");
    await page.route("**/create-story", async (route) => { await route.fetch(); await route.abort(); }, { times: 1 });
    await page.fill("#user-id", userId);
    await page.click("#submit");
    await page.locator("#summary").getByText("The service cannot be reached.").waitFor();
    await page.click("#submit");
    await page.locator(".job").waitFor();
    expect((await worker.jobs(userId)).jobs).toHaveLength(1);
    await page.leave();
  });

  test("an invalid form shows each error beside its field", async () => {
    const page = await visit();
    await page.fill("#user-id", "a b");
    await page.fill("#title", "");
    await page.fill("#scene-1", " ");
    await page.selectOption("#size", "custom");
    await page.fill("#width", "63");
    await page.fill("#height", "");
    await page.click("#submit");
    await page.waitForSelector("#summary:not([hidden])");
    expect(await page.evaluate(() => document.activeElement!.id)).toBe("summary");
    const expected: Record<string, RegExp> = {
      "user-id": /^Must be 1 to 128 characters/, title: /^Must not be empty/, "scene-1": /^Must not be empty/,
      width: /^Must be a whole number from 64/, height: /^Required whole number/,
    };
    const found = await page.locator("[aria-invalid=true]").evaluateAll((fields) => fields.map((field) => [
      field.id,
      field.getAttribute("aria-describedby")!.split(" ").map((id) => document.getElementById(id)!.innerText).join(""),
    ]));
    expect(Object.fromEntries(found)).toEqual(Object.fromEntries(Object.entries(expected).map(([id, text]) => [id, expect.stringMatching(text)])));
    expect(await texts(page, "#summary li")).toEqual([/^User id: /, /^Title: /, /^Scene 2: /, /^Width/, /^Height/].map((text) => expect.stringMatching(text)));
    await page.locator("#summary a", { hasText: "Scene 2" }).click();
    expect(await page.evaluate(() => document.activeElement!.id)).toBe("scene-1");

    for (const id of [2, 1, 0]) await page.click(`#scene-${id} >> xpath=.. >> .remove`);
    await page.fill("#user-id", newUser("mara"));
    await page.click("#submit");
    await page.locator("#scenes-fault").getByText("Has 0 scenes; must have 1 to 200.").waitFor();
    await page.leave();
  });

  describe("where the service asks for credentials", () => {
    const encode = (value: Json) => Buffer.from(JSON.stringify(value)).toString("base64url");
    const tokenOf = (claims: Json) => `${encode({ alg: "HS256" })}.${encode(claims)}.${encode("signature")}`;
    const refuse = (status: number, type: string, title: string, detail: string) =>
      ({ status, contentType: "application/problem+json", body: JSON.stringify({ type: `urn:story-queue:problem:${type}`, status, title, detail }) });

    /** Stands before the Worker, which is open here, and lets in who has that token. */
    const guard = (token: string) => async (page: Page) => {
      await page.route(/\/(users\/|create-story$)/, async (route) => {
        const { authorization, ...headers } = await route.request().allHeaders();
        if (authorization === `Bearer ${token}`) await route.continue({ headers });
        else await route.fulfill(refuse(401, "unauthenticated", "No credential", "Send a token."));
      });
    };

    test("the form asks for a token, uses its user, and the player plays", async () => {
      const userId = newUser("mara");
      const token = tokenOf({ sub: userId, exp: Math.floor(Date.now() / 1000) + 600 });
      const page = await visit(guard(token));
      await page.fill("#user-id", userId);
      await page.click("#submit");
      await page.locator("#token-fault").getByText("Send a token.").waitFor();
      expect(await page.locator("#token").getAttribute("aria-invalid")).toBe("true");

      await page.fill("#token", `Bearer ${token} `);
      await page.locator("#title").focus();
      await page.locator("#account").getByText(`${userId} is on Free`).waitFor();
      await page.locator(".plan[data-tier=tier3]").getByText("For Premium, please write to us.").waitFor();
      await send(page, "With a token");
      await page.getByText("Now showing").waitFor();
      await plays(page);
      expect(await page.evaluate(() => JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie]))).toBe('[{},{},""]');
      await page.leave();
    });

    test.each([
      ["in two parts", "x.y", "three parts"], ["that is damaged", "a.b.c", "cannot be read"],
      ["without a user", tokenOf({ exp: 1 }), "has no user"], ["that has expired", tokenOf({ sub: "mara", exp: 1 }), "has expired"],
    ])("a token %s is explained", async (_, token, words) => {
      const page = await visit();
      await page.getByLabel("An access token").check();
      await page.fill("#token", token);
      await page.locator("#title").focus();
      await page.locator("#token-fault").getByText(words).waitFor();
      await page.leave();
    });

    test("a tier above the plan is refused beside the choice of the plan", async () => {
      const problem = refuse(403, "tier-not-entitled", "Not entitled to the tier", "The plan allows tier1 at most.");
      const page = await visit((page) => page.route("**/create-story", (route) => route.fulfill(problem)));
      await page.waitForSelector(".plan");
      await page.click(".plan[data-tier=tier3] .action a");
      expect(await page.locator("#tier").inputValue()).toBe("tier3");
      expect(await page.evaluate(() => document.activeElement!.id)).toBe("user-id");
      await page.fill("#user-id", newUser("mara"));
      await page.click("#submit");
      await page.locator("#tier-fault").getByText("The plan allows tier1 at most.").waitFor();
      await page.leave();
    });

    test("a used-up quota shows when to try again", async () => {
      const problem = { ...refuse(429, "quota-exceeded", "Quota used up", "20 of 20 this month."), headers: { "retry-after": "90" } };
      const page = await visit((page) => page.route("**/create-story", (route) => route.fulfill(problem)));
      await page.fill("#user-id", newUser("mara"));
      await page.click("#submit");
      await page.locator("#summary").getByText("20 of 20 this month. Try again in 90 seconds.").waitFor();
      await page.leave();
    });
  });
});
