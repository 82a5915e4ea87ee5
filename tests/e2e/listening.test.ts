// What speaks, in a real browser, as the Worker serves it: sandboxed, without an origin. It is the listening page of an
// episode, and the player of a story.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { DESKTOP, PHONE, canBrowse, faultsOf, startBrowser, type Page } from "./browser";
import { html } from "./site";
import { finish, giveVoice, reach, said } from "./voices";
import { eventually, newUser, startWorker, type Worker } from "./worker";

let [worker, browser]: [Worker, Awaited<ReturnType<typeof startBrowser>>] = [] as never;
const made = async (path: string, page: string, order: object) => {
  const body = JSON.stringify({ userId: newUser("listener"), seriesId: "s", ...order });
  const answer = await worker.send("POST", path, { body, headers: { "content-type": "application/json" } });
  await worker.until(answer.body, "succeeded");
  return new URL(`${answer.body.links.artifacts}/${page}`, worker.url).href;
};
beforeAll(async () => {
  if (canBrowse) [worker, browser] = [await startWorker(), await startBrowser()];
});
afterAll(async () => {
  await browser?.close();
  await worker?.close();
});

const visit = async (address: string, options: object, prepare?: (page: Page) => Promise<unknown>) => {
  const errors: string[] = [];
  const page = await browser.visit(address, options, async (page) => {
    page.on("console", (message) => { if (message.type() === "error") errors.push(message.text()); });
    await prepare?.(page);
  });
  return { page, leave: async () => { await page.leave(); expect(errors).toEqual([]); } };
};

describe.skipIf(!canBrowse)("the listening page", () => {
  let address: string;
  beforeAll(async () => {
    const source = { type: "extension", url: "https://news.example/lamp", html: html("The lamp that counts") };
    address = await made("/create-episode", "page.html", { source });
  });

  const open = async (options = {}, prepare?: typeof giveVoice) => {
    const visited = await visit(address, options, prepare);
    await visited.page.waitForSelector("#player:not([hidden])");
    return visited;
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

  test("is read aloud, sentence by sentence, and marks the word", async () => {
    const { page, leave } = await open({}, giveVoice);
    await page.keyboard.press("k");
    expect(await said(page)).toEqual({ text: "The lamp that counts", rate: 1 });
    await reach(page, "lamp");
    expect(await page.textContent("mark")).toBe("lamp");
    await page.keyboard.press("+");
    await eventually(async () => expect(await said(page)).toEqual({ text: "lamp that counts", rate: 1.25 }));
    await finish(page);
    await eventually(async () => expect(await page.getAttribute("#seek", "aria-valuetext")).toContain("Sentence 2 of"));
    await page.keyboard.press("k");
    expect(await said(page)).toBeUndefined();
    await leave();
  });
});

describe.skipIf(!canBrowse)("the player of a story", () => {
  const SCENES = ["Every night the cat climbed two hundred steps. The lamp was lit.", "One night in the storm it was not."];
  let address: string;
  beforeAll(async () => {
    const script = { title: "The cat", scenes: SCENES.map((narration) => ({ narration })) };
    address = await made("/create-story", "player.html", { script, videoConfig: { width: 640, height: 360 } });
  });
  const open = (prepare?: typeof giveVoice, options = {}) => visit(address, options, prepare);
  const scene = (page: Page) => page.getAttribute("#dots [aria-current]", "aria-label");
  const clock = async (page: Page) => Number(await page.inputValue("#seek"));

  test("tells the story in time with its pictures, and stops with them", async () => {
    const { page, leave } = await open(giveVoice);
    await page.keyboard.press("k");
    expect(await said(page)).toEqual({ text: "Every night the cat climbed two hundred steps. ", rate: 1 });
    await reach(page, "climbed");
    expect(await page.textContent("#caption mark")).toBe("climbed");
    await page.keyboard.press("k");
    expect(await said(page)).toBeUndefined();
    const paused = await clock(page);
    await page.waitForTimeout(200);
    expect(await clock(page)).toBe(paused);
    await page.keyboard.press("k");
    await eventually(async () => expect(await said(page)).toMatchObject({ text: "climbed two hundred steps. " }));
    await finish(page);
    expect(await said(page)).toMatchObject({ text: "The lamp was lit." });
    // However long it takes, the picture waits.
    await page.waitForTimeout(3_000);
    expect(await scene(page)).toBe("Scene 1 of 2");
    await finish(page);
    await eventually(async () => expect(await said(page)).toMatchObject({ text: SCENES[1] }));
    expect(await scene(page)).toBe("Scene 2 of 2");
    await finish(page);
    await page.waitForSelector("main:not(.playing)");
    await leave();
  });

  test("is told by keyboard from another scene on, faster, and again from the beginning", async () => {
    const { page, leave } = await open(giveVoice);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("k");
    expect(await said(page)).toEqual({ text: SCENES[1], rate: 1 });
    await reach(page, "storm");
    await page.keyboard.press("+");
    await eventually(async () => expect(await said(page)).toEqual({ text: "storm it was not.", rate: 1.25 }));
    await page.keyboard.press("Home");
    await eventually(async () => expect(await said(page)).toMatchObject({ text: "Every night the cat climbed two hundred steps. " }));
    expect(await page.locator("#caption mark").count()).toBe(0);
    await page.focus("#voice");
    expect(await page.inputValue("#voice")).toBe("ava");
    await leave();
  });

  test.each([["a desktop", DESKTOP, "light"], ["a phone", PHONE, "dark"]])("has no fault on %s, with a voice or without", async (_, viewport, colorScheme) => {
    for (const prepare of [giveVoice, undefined]) {
      const { page, leave } = await open(prepare, { viewport, colorScheme });
      if (!prepare) await page.waitForSelector("#trouble:not([hidden])");
      await page.click("#play");
      await page.waitForFunction(() => /^0:0[1-9] /.test(document.getElementById("clock")!.textContent!));
      if (prepare) await reach(page, "cat");
      else expect(await page.textContent("#trouble")).toContain("no voice to read aloud with");
      expect(await page.evaluate(() => self.origin)).toBe("null");
      expect(await faultsOf(page)).toEqual([]);
      await leave();
    }
  });
});
