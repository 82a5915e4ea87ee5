// Whoever cannot see much, use a mouse or has a small window can use the page, too.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, PHONE, canBrowse, faultsOf, player, send, startBrowser, texts, type Visitor } from "./browser";
import { newUser, startWorker, type Worker } from "./worker";

/** The second story of a user is parked while the first is made. */
const VARS = { STORYBOARD_PACE_MS: "150", TIERS: JSON.stringify({ tier1: { maxConcurrentJobs: 1 } }) };

describe.skipIf(!canBrowse)("in a browser", () => {
  let worker: Worker;
  let browser: Visitor;
  beforeAll(async () => { [worker, browser] = await Promise.all([startWorker(VARS), startBrowser()]); });
  afterAll(() => Promise.all([worker?.close(), browser?.close()]));

  test("everything works with the keyboard alone", async () => {
    const page = await browser.visit(worker.url);
    await page.waitForSelector(".plan");
    const press = async (key: string, times = 1) => { for (let time = 0; time < times; time++) await page.keyboard.press(key); };
    const focused = () => page.evaluate(() => {
      const element = document.activeElement as HTMLElement;
      const shown = element.matches(".switch input") ? element.nextElementSibling! : element;
      return { is: element.id || element.getAttribute("value") || element.innerText, seen: getComputedStyle(shown).outlineStyle !== "none" };
    });
    const order = [];
    for (let stop = 0; stop < 27; stop++) {
      await press("Tab");
      order.push(await focused());
    }
    expect(order.filter(({ seen }) => !seen)).toEqual([]);
    expect(order.map(({ is }) => is)).toEqual([
      "Skip to the content", "Story Queue", "Plans", "Try it", "Make a story", "See the plans", "monthly",
      "Try Free", "Try Plus", "Try Premium", "Try Studio", "open", "user-id", "tier", "story", "title",
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
      const page = await browser.visit(worker.url, { viewport, colorScheme });
      await page.waitForSelector(".plan");
      expect(await faultsOf(page)).toEqual([]);
      expect(await page.evaluate(() => document.getAnimations().length)).toBe(0);
      const userId = newUser("theo");
      for (const title of ["One", "Two"]) await send(page, title, userId);
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
    const page = await browser.visit(worker.url, { viewport: { width: 320, height: 640 } });
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
