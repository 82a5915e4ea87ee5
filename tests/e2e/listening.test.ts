// The listening page of an episode in a real browser, as the Worker serves it: sandboxed, without an origin.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, PHONE, canBrowse, faultsOf, startBrowser } from "./browser";
import { html } from "./site";
import { newUser, startWorker, type Worker } from "./worker";

describe.skipIf(!canBrowse)("the listening page", () => {
  let [worker, browser, address]: [Worker, Awaited<ReturnType<typeof startBrowser>>, string] = [] as never;
  beforeAll(async () => {
    [worker, browser] = [await startWorker(), await startBrowser()];
    const source = { type: "extension", url: "https://news.example/lamp", html: html("The lamp that counts") };
    const body = JSON.stringify({ userId: newUser("listener"), seriesId: "s", source });
    const answer = await worker.send("POST", "/create-episode", { body, headers: { "content-type": "application/json" } });
    await worker.until(answer.body, "succeeded");
    address = new URL(`${answer.body.links.artifacts}/page.html`, worker.url).href;
  });
  afterAll(async () => {
    await browser?.close();
    await worker?.close();
  });

  const open = async (options = {}) => {
    const errors: string[] = [];
    const page = await browser.visit(address, options, async (page) => {
      page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
    });
    await page.waitForSelector("#player:not([hidden])");
    return { page, leave: async () => { await page.leave(); expect(errors).toEqual([]); } };
  };

  test.each([["a desktop", DESKTOP], ["a phone", PHONE]])("has no fault on %s, and says that there is no voice", async (_, viewport) => {
    const { page, leave } = await open({ viewport });
    expect(await page.textContent("h1")).toBe("The lamp that counts");
    expect(await page.textContent("#text")).toContain("stays dark for eight");
    await page.waitForSelector("#trouble:not([hidden])");
    expect(await page.textContent("#trouble")).toContain("no voice to read aloud with");
    expect(await page.evaluate(() => self.origin)).toBe("null");
    expect(await faultsOf(page)).toEqual([]);
    await leave();
  });

  test("works by keyboard", async () => {
    const { page, leave } = await open();
    const at = () => page.evaluate(() => Number((document.getElementById("seek") as HTMLInputElement).value));
    const value = (id: string) => page.evaluate((id) => (document.getElementById(id) as HTMLSelectElement).value, id);
    await page.keyboard.press("ArrowRight");
    expect(await at()).toBe(1);
    await page.keyboard.press("ArrowLeft");
    expect(await at()).toBe(0);
    await page.keyboard.press("]");
    expect(await value("chapter")).toBe("1");
    await page.keyboard.press("End");
    expect(await at()).toBe(await page.evaluate(() => Number((document.getElementById("seek") as HTMLInputElement).max)));
    await page.keyboard.press("Home");
    await page.keyboard.press("+");
    expect([await at(), await value("speed")]).toEqual([0, "1.25"]);
    const reached = new Set<string>();
    for (let presses = 0; presses < 12; presses += 1) {
      await page.keyboard.press("Tab");
      reached.add(await page.evaluate(() => document.activeElement?.id ?? ""));
    }
    for (const id of ["seek", "before", "after", "speed", "chapter"]) expect([...reached]).toContain(id);
    await leave();
  });
});
