// The page listens to what changes, and asks again and again only where it cannot.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canBrowse, jobOf, send, startBrowser, type Page, type Visitor } from "./browser";
import { newUser, startWorker, type Worker } from "./worker";

let worker: Worker;
beforeAll(async () => { worker = await startWorker({ STORYBOARD_PACE_MS: "1000" }); });
afterAll(() => worker.close());

describe.skipIf(!canBrowse)("while a picture is made", () => {
  let browser: Visitor;
  beforeAll(async () => { browser = await startBrowser(); });
  afterAll(() => browser?.close());

  /** How often the page asks for its job within two seconds of a stage that lasts for longer. */
  async function asks(page: Page) {
    const asked: string[] = [];
    page.on("request", (request) => {
      if (/\/jobs\/[^/]+$/.test(request.url())) asked.push(request.url());
    });
    await send(page, "Patience", newUser("mara"));
    await jobOf(page, "Patience").getByText("Being made").waitFor();
    const before = asked.length;
    await new Promise((resolve) => setTimeout(resolve, 2_000));
    return asked.length - before;
  }

  test("the page listens, and shows the end as soon as it comes", async () => {
    const listened: string[] = [];
    const page = await browser.visit(worker.url, {}, async (page) => {
      page.on("request", (request) => { if (request.url().includes("/events")) listened.push(request.url()); });
    });
    expect(await asks(page)).toBeLessThanOrEqual(1);
    await page.getByText("Now showing").waitFor();
    expect(listened).toHaveLength(1);
    expect(new URL(listened[0]!).search).toBe("");
    await page.leave();
  });

  test("a page that cannot listen polls", async () => {
    const page = await browser.visit(worker.url, {}, (page) => page.route("**/events", (route) => route.abort()));
    expect(await asks(page)).toBeGreaterThanOrEqual(2);
    await page.getByText("Now showing").waitFor();
    await page.leave();
  });
});
