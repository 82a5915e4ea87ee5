// Episodes on the page: sent, followed, and opened as a page that reads itself aloud.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { PHONE, canBrowse, faultsOf, startBrowser, texts, type Page, type Visitor } from "./browser";
import { newUser, startWorker, type Worker } from "./worker";

const TEXT = Array.from({ length: 12 }, (_, index) => `Sentence ${index + 1}: the keeper climbed the stairs and lit the lamp.`).join(" ");

describe.skipIf(!canBrowse)("in a browser", () => {
  let worker: Worker;
  let browser: Visitor;
  beforeAll(async () => { [worker, browser] = await Promise.all([startWorker(), startBrowser()]); });
  afterAll(() => Promise.all([worker?.close(), browser?.close()]));

  const visit = async (options = {}) => {
    const page = await browser.visit(worker.url, options);
    await page.waitForSelector(".plan");
    await page.fill("#user-id", newUser("listener"));
    await page.getByLabel("An episode to hear").check();
    return page;
  };
  const send = (page: Page) => page.getByRole("button", { name: "Make the episode" }).click();

  test("a text becomes an episode, whose page opens and can be read without a voice", async () => {
    const page = await visit({ viewport: PHONE });
    expect(await page.locator("#scenes").isVisible()).toBe(false);
    await page.fill("#episode-title", "The lamp");
    await page.fill("#text", TEXT);
    await send(page);
    const job = page.locator(".job", { hasText: "The lamp" });
    await job.getByText("Ready").waitFor();
    expect(await texts(page, ".steps li")).toEqual([/^Text/, /^Listening page/].map((text) => expect.stringMatching(text)));
    const frame = page.frameLocator("#screen iframe");
    await frame.getByRole("heading", { name: "The lamp", level: 1 }).waitFor();
    await frame.getByText("This browser has no voice").waitFor();
    await frame.getByText("Sentence 12: the keeper").waitFor();
    expect(await faultsOf(page)).toEqual([]);
    await page.leave();
  });

  test("what is wrong is shown beside its field, and a page that cannot be public is refused with a way out", async () => {
    const page = await visit();
    await send(page);
    await page.locator("#text-fault").waitFor();
    await page.getByLabel("A web page", { exact: true }).check();
    await page.fill("#url", "http://localhost/private");
    await send(page);
    await page.locator("#url-fault").getByText("not on the public web").waitFor();
    expect(await page.locator("#summary a").innerText()).toContain("Address of the page");
    await page.leave();
  });
});
