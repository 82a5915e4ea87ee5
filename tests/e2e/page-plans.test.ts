// The plans of the page: what the tiers and `plans.json` make of them, and where a buyer is led.

import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as offers from "../../public/page/offers.js";
import { canBrowse, faultsOf, startBrowser, texts, type Page, type Visitor } from "./browser";
import { newUser, startWorker, story, type Json, type Worker } from "./worker";

const prices = (): Json => JSON.parse(readFileSync("public/plans.json", "utf8"));

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
  let worker: Worker;
  let browser: Visitor;
  beforeAll(async () => { [worker, browser] = await Promise.all([startWorker(), startBrowser()]); });
  afterAll(() => Promise.all([worker?.close(), browser?.close()]));

  const visit = (prepare?: (page: Page) => Promise<unknown>) => browser.visit(worker.url, {}, prepare);

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

    await worker.crash({ TIERS: JSON.stringify({ tier1: { maxConcurrentJobs: 1, priority: 7 }, tier3: { maxConcurrentJobs: 33 } }) });
    await page.reload();
    await page.waitForSelector(".plan");
    expect(await texts(page, ".plan h3")).toEqual(["Plus", "Premium", "Studio", "Free"]);
    expect(await texts(page, ".plan .features li:first-child .key")).toEqual([/^5 stories/, /^33 stories/, /^20 stories/, /^1 story at a time/].map((text) => expect.stringMatching(text)));
    expect(await page.locator(".plan").last().innerText()).toContain("Gets a head start on Plus, Premium, and Studio.");
    await worker.crash({});
    await page.leave();
  });

  test("if the plans cannot be shown, the page says why and can try again", async () => {
    const page = await visit((page) => page.route("**/tiers", (route) => route.abort()));
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
    const page = await visit((page) => page.route("**/plans.json", (route) => route.fulfill({ json: file })));
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
    const page = await visit((page) => page.route("**/plans.json", (route) => route.fulfill({ json: file })));
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
});
