// The page at /: its files beside the routes, and what a visitor sees, in a real Chromium.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as offers from "../../public/page/offers.js";
import { describe as words } from "../../public/page/words.js";
import { DESKTOP, PHONE, canBrowse, faultsOf, player, plays, startBrowser, type Page, type Visitor } from "./browser";
import { newUser, startWorker, story, type Json, type Worker } from "./worker";

const VARS = { STORYBOARD_PACE_MS: "150" };
const PUBLIC = join(import.meta.dirname, "../../public");

let worker: Worker;
beforeAll(async () => { worker = await startWorker(VARS); });
afterAll(() => worker.close());

const files = readdirSync(PUBLIC, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name !== "_headers")
  .map(({ parentPath, name }) => join(parentPath, name).slice(PUBLIC.length))
  .map((file) => (file === "/index.html" ? "/" : file.replace(/\.html$/, "")));

const prices = (): Json => JSON.parse(readFileSync(join(PUBLIC, "plans.json"), "utf8"));

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
    const routes = readFileSync(join(PUBLIC, "../crates/core/src/api/routes.rs"), "utf8").matchAll(/^\s+\["([a-z-]+)"/gm);
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
  const at = { number: 2, of: 3, name: "audio" };
  const table: [job: Json, label: string, words: RegExp][] = [
    [{ status: "queued" }, "Queued", /on its way/],
    [{ status: "queued", waiting: { reason: "queue", detail: "It is waiting for its turn." } }, "Next up", /about to start/],
    [{ status: "queued", waiting: { reason: "capacity", active: 50, limit: 50, position: 10_001, positionIsAtLeast: true } }, "Waiting for room", /50 of 50 slots.*Place 10,001 or later in line/],
    [{ status: "queued", waiting: { reason: "capacity", detail: "It does not answer." } }, "Waiting for room", /It does not answer\./],
    [{ status: "queued", waiting: { reason: "capacity", position: 2, estimate: { startsAt: new Date(600_000).toISOString() } } }, "Waiting for room", /Place 2 in line, may start in about 10 minutes/],
    [{ status: "parked", waiting: { reason: "user_limit", active: 2, limit: 2, position: 1 } }, "Parked", /2 stories at once, and 2 are being made.*First in line/],
    [{ status: "parked", waiting: { reason: "user_limit", active: 1, limit: 1, position: 4 } }, "Parked", /1 story at once, and 1 is being made.*Place 4 in line/],
    [{ status: "parked", waiting: { reason: "user_limit", active: 0, limit: 2 } }, "Parked", /behind your own/],
    [{ status: "parked", waiting: { reason: "moon", detail: "The moon is out." } }, "Parked", /The moon is out\./],
    [{ status: "running", stage: at }, "Being made", /Step 2 of 3: captions/],
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

describe("the prices", () => {
  const tiers = ["tier1", "tier2", "tier3", "tier4"].map((tier, index) => ({ tier, priority: index + 1, maxConcurrentJobs: index + 1 }));

  test("as committed are valid, and marked as examples", () => {
    expect(offers.read(prices(), tiers)).toMatchObject({ faults: [], example: true });
  });

  test("are refused with all errors at once", () => {
    const [free, plus] = prices().plans;
    const file = {
      currency: "euro", exmaple: true,
      plans: [{ ...free, tier: "gold", name: "" }, { ...plus, monthly: "9", annual: -1, features: [1], checkout: { monthly: "http://x.test", weekly: null } }],
    };
    expect(offers.read(file, tiers).faults.map((fault: string) => fault.split(" ")[0])).toEqual([
      "exmaple", "currency", "plans[0].tier", "plans[0].name", "plans[1].monthly", "plans[1].annual", "plans[1].features[0]",
      "plans[1].checkout.weekly", "plans[1].checkout.monthly",
    ]);
    expect(offers.read({ currency: "EUR", plans: [free, free] }, tiers).faults).toEqual(["plans: tier1 is listed twice."]);
    expect(offers.read(null, tiers).faults).toHaveLength(1);
  });

  test("a limit is shown only if the plans differ in it", () => {
    const rules = { ...tiers[0], quotas: { story: { jobsPerMonth: 20, maxChars: 5000 } }, maxParkedJobs: 10_000 };
    const better = { ...rules, ...tiers[1], quotas: { story: { jobsPerMonth: 0, maxChars: 50_000 } } };
    const others = [{ name: "Free", rules }, { name: "Plus", rules: better }];
    const lists = others.map((offer) => offers.features(offer, others).map(([text]: string[]) => text));
    expect(lists).toEqual([
      ["1 story at a time", "Standard place in the queue", "20 stories a month", "Up to 5,000 characters a story"],
      ["2 stories at once", "Priority processing", "As many stories a month as you like", "Up to 50,000 characters a story"],
    ]);
  });
});

describe.skipIf(!canBrowse)("in a browser", () => {
  let browser: Visitor;
  beforeAll(async () => { browser = await startBrowser(); });
  afterAll(() => browser?.close());

  const visit = async (options = {}, prepare?: (page: Page) => Promise<unknown>) => {
    const page = await browser.visit(worker.url, options, prepare);
    page.setDefaultTimeout(30_000);
    return page;
  };
  const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();
  const jobOf = (page: Page, title: string) => page.locator(".job", { has: page.getByRole("heading", { name: title, exact: true }) });

  /** Sends a story with the form as it is. */
  const send = async (page: Page, title: string, userId?: string) => {
    if (userId) await page.fill("#user-id", userId);
    await page.fill("#title", title);
    await page.click("#submit");
    await jobOf(page, title).waitFor();
  };

  test("the plans show what the tiers and the prices say, and follow both", async () => {
    const page = await visit();
    await page.waitForSelector(".plan");
    expect(await texts(page, ".plan h3")).toEqual(["Free", "Plus", "Premium", "Studio"]);
    expect(await texts(page, ".plan .features li:first-child .key")).toEqual([2, 5, 10, 20].map((limit) => expect.stringMatching(`^${limit} stories at once`)));
    const places = await texts(page, ".plan .features li:nth-child(2)");
    expect(places[0]).toMatch(/^Standard place/);
    expect(places.slice(1)).toEqual(["Free", "Free and Plus", "Free, Plus, and Premium"].map((behind) => expect.stringContaining(`Priority processing\nGets a head start on ${behind}.`)));
    expect(await texts(page, "#tier option")).toEqual(["The user’s own", "Free", "Plus", "Premium", "Studio"]);

    expect(await texts(page, ".price")).toEqual(["€0 a month", "€9 a month", "€24 a month", "€72 a month"]);
    await page.getByLabel("Annual").check();
    expect(await texts(page, ".price")).toEqual(["€0 a month", "€7.50 a month", "€20 a month", "€60 a month"]);
    expect(await texts(page, ".terms")).toEqual(["Free of charge.", "€90 billed once a year.\nYou save €18.", "€240 billed once a year.\nYou save €48.", "€720 billed once a year.\nYou save €144."]);

    await worker.crash({ ...VARS, TIERS: JSON.stringify({ tier1: { maxConcurrentJobs: 1, priority: 7 }, tier3: { maxConcurrentJobs: 33 } }) });
    await page.reload();
    await page.waitForSelector(".plan");
    expect(await texts(page, ".plan h3")).toEqual(["Plus", "Premium", "Studio", "Free"]);
    expect(await texts(page, ".plan .features li:first-child .key")).toEqual([/^5 stories/, /^33 stories/, /^20 stories/, /^1 story at a time/].map((text) => expect.stringMatching(text)));
    expect(await page.locator(".plan").last().innerText()).toContain("Gets a head start on Plus, Premium, and Studio.");
    await worker.crash(VARS);
    await page.leave();
  });

  test("if the plans cannot be shown, the page says why and can try again", async () => {
    const page = await visit({}, (page) => page.route("**/tiers", (route) => route.abort()));
    const fault = page.locator("#plans-fault");
    await fault.getByText("The service cannot be reached.").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.unroute("**/tiers");
    await fault.getByRole("button", { name: "Try again" }).click();
    await page.waitForSelector(".plan");
    expect(await fault.isHidden()).toBe(true);

    await page.route("**/plans.json", (route) => route.fulfill({ json: { ...prices(), currency: "€" } }));
    await page.reload();
    await fault.getByText("currency must be a currency code of three letters").waitFor();
    expect(await page.locator(".plan").count()).toBe(0);
    await page.leave();
  });

  test("a checkout link has the user id, unless Stripe would drop it", async () => {
    const file = prices();
    file.plans[2].checkout = { monthly: "https://buy.example.test/m?x=1", annual: "https://buy.example.test/a" };
    const page = await visit({}, (page) => page.route("**/plans.json", (route) => route.fulfill({ json: file })));
    const action = page.locator(".plan[data-tier=tier3] .action");
    await action.getByText("Enter your user id or token first").waitFor();
    await action.getByRole("link").click();
    expect(await page.evaluate(() => document.activeElement!.id)).toBe("user-id");

    const link = action.getByRole("link", { name: "Upgrade to Premium" });
    await page.fill("#user-id", "mara_1");
    await page.locator("#title").focus();
    await link.waitFor();
    expect(await link.getAttribute("href")).toBe("https://buy.example.test/m?x=1&client_reference_id=mara_1");
    await page.getByLabel("Annual").check();
    expect(await link.getAttribute("href")).toBe("https://buy.example.test/a?client_reference_id=mara_1");
    await page.fill("#user-id", "auth0|mara");
    await page.locator("#title").focus();
    await action.getByText("this id cannot be passed on").waitFor();
    await page.leave();
  });

  test("who pays already changes the plan in the portal, and buys no second one", async () => {
    const portal = "https://billing.example.test/login";
    const file = { ...prices(), portal };
    file.plans[3].checkout = { monthly: "https://buy.example.test/m", annual: null };
    const payer = newUser("payer");
    await worker.accept(story(payer, { userTier: "tier2" }));
    const page = await visit({}, (page) => page.route("**/plans.json", (route) => route.fulfill({ json: file })));
    const link = (tier: string, name: string) => page.locator(`.plan[data-tier=${tier}] .action`).getByRole("link", { name });
    await page.fill("#user-id", newUser("free").replaceAll(/[^a-z0-9]/g, ""));
    await page.locator("#title").focus();
    await link("tier4", "Upgrade to Studio").waitFor();
    await page.fill("#user-id", payer);
    await page.locator("#title").focus();
    await link("tier4", "Switch to Studio").waitFor();
    expect(await link("tier4", "Switch to Studio").getAttribute("href")).toBe(portal);
    expect(await link("tier2", "Change or cancel").getAttribute("href")).toBe(portal);
    await page.leave();
  });

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
    expect((await parked.innerText()).replace(/\n+/g, "\n")).toMatch(/Parked\nYour plan allows 2 stories at once, and 2 are being made\. This one starts when it is first in line and one of them is finished\.\nFirst in line/);
    await page.locator("#upgrade").getByText("One of your stories is waiting, because 2 are already being made.").waitFor();
    expect(await page.locator("#upgrade").innerText()).toMatch(/Wait less with Plus[^]*5 stories at once instead of 2[^]*Priority processing/);
    await page.locator("#account").getByText(`${userId} is on Free · 2 of 2 being made · 1 parked`).waitFor();

    const title = await parked.locator("h4").innerText();
    await parked.getByRole("button", { name: "Cancel" }).click();
    await jobOf(page, title).getByText("Cancelled", { exact: true }).waitFor();
    expect(await page.evaluate(() => document.activeElement!.tagName)).toBe("H4");
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
      const page = await visit({}, guard(token));
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
      const page = await visit({}, (page) => page.route("**/create-story", (route) => route.fulfill(problem)));
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
      const page = await visit({}, (page) => page.route("**/create-story", (route) => route.fulfill(problem)));
      await page.fill("#user-id", newUser("mara"));
      await page.click("#submit");
      await page.locator("#summary").getByText("20 of 20 this month. Try again in 90 seconds.").waitFor();
      await page.leave();
    });
  });

  test("everything works with the keyboard alone", async () => {
    const page = await visit();
    await page.waitForSelector(".plan");
    const press = async (key: string, times = 1) => { for (let time = 0; time < times; time++) await page.keyboard.press(key); };
    const focused = () => page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const shown = element.matches(".switch input") ? element.nextElementSibling! : element;
      return { is: element.id || element.getAttribute("value") || element.innerText, seen: getComputedStyle(shown).outlineStyle !== "none" };
    });
    const order = [];
    for (let stop = 0; stop < 26; stop++) {
      await press("Tab");
      order.push(await focused());
    }
    expect(order.filter(({ seen }) => !seen)).toEqual([]);
    expect(order.map(({ is }) => is)).toEqual([
      "Skip to the content", "Story Queue", "Plans", "Try it", "Make a story", "See the plans", "monthly",
      "Try Free", "Try Plus", "Try Premium", "Try Studio", "open", "user-id", "tier", "title",
      "Remove", "scene-0", "Remove", "scene-1", "Remove", "scene-2", "add-scene", "style", "size", "submit", "Try Plus",
    ]);
    await page.locator(".switch input[value=monthly]").focus();
    await press("ArrowRight");
    expect((await texts(page, ".price"))[1]).toBe("€7.50 a month");
    await page.locator("#user-id").focus();
    await page.keyboard.type(newUser("mara"));
    await press("Enter");
    await page.getByText("Now showing").waitFor();
    await page.locator("#close-player").focus();
    // The next stop is inside the player, which has keys of its own.
    const frame = await player(page);
    await press("Tab");
    await frame.waitForFunction(() => document.hasFocus());
    await page.keyboard.press("Space");
    await frame.waitForFunction(() => document.querySelector("main")!.classList.contains("playing"));
    await page.locator("#close-player").focus();
    await press("Enter");
    expect(await page.locator("#theatre").isHidden()).toBe(true);
    expect((await focused()).is).not.toBe("");
    await page.leave();
  });

  describe.each([["a phone", PHONE], ["a desktop", DESKTOP]])("on %s", (_, viewport) => {
    test.each(["light", "dark"] as const)("in %s colours, axe finds nothing, whatever is shown", async (colorScheme) => {
      const page = await visit({ viewport, colorScheme });
      await page.waitForSelector(".plan");
      expect(await faultsOf(page)).toEqual([]);
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      const userId = newUser("theo");
      for (const title of ["One", "Two", "Three"]) await send(page, title, userId);
      await page.locator(".job[data-status=parked]").first().waitFor();
      expect(await faultsOf(page)).toEqual([]);
      await player(page);
      expect(await faultsOf(page)).toEqual([]);
      await page.fill("#title", "");
      await page.selectOption("#size", "custom");
      await page.fill("#width", "1");
      await page.click("#submit");
      await page.waitForSelector("#summary:not([hidden])");
      expect(await faultsOf(page)).toEqual([]);
      await page.getByLabel("An access token").check();
      await page.fill("#token", "x");
      await page.locator("#title").focus();
      expect(await faultsOf(page)).toEqual([]);
      await page.leave();
    });
  });

  test("nothing is cut off or scrolls sideways at 320 pixels, even with long words", async () => {
    const page = await visit({ viewport: { width: 320, height: 640 } });
    await page.waitForSelector(".plan");
    await page.fill("#user-id", "u".repeat(100) + crypto.randomUUID().slice(0, 28));
    await page.selectOption("#size", "720x1280");
    await page.fill("#title", "W".repeat(200));
    await page.click("#submit");
    await player(page);
    expect(await faultsOf(page)).toEqual([]);
    await page.fill("#title", "W".repeat(201));
    await page.click("#submit");
    await page.waitForSelector("#summary:not([hidden])");
    expect(await faultsOf(page)).toEqual([]);
    await page.leave();
  });
});
