// A real Chromium, and what the tests of the page look for in it.

import { source as axe } from "axe-core";
import { chromium as launcher, type Browser, type BrowserContextOptions, type Frame, type Page } from "playwright-core";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect } from "vitest";
import { chromium, hasChromium } from "../../scripts/browser.mjs";
import { eventually } from "./worker";

export type { Frame, Page };

/** Whether the tests in the browser run; where they must, they do not ask. */
export const canBrowse = hasChromium() || Boolean(process.env.CI);
if (!canBrowse) console.warn(`SKIPPED: the browser tests of the page, because ${chromium} does not exist; see scripts/browser.mjs.`);

/** Quiet, and alone: it looks up nothing outside and shares nothing with another run. */
const FLAGS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];

export const PHONE = { width: 390, height: 844 };
export const DESKTOP = { width: 1280, height: 900 };

export type Visitor = Awaited<ReturnType<typeof startBrowser>>;

/** Starts the browser; each `visit` is a visitor of its own. */
export async function startBrowser() {
  const profile = mkdtempSync(join(tmpdir(), "page-"));
  const browser: Browser = await launcher.launch({ executablePath: chromium, headless: true, args: [...FLAGS, `--disk-cache-dir=${profile}`] });
  return {
    /** Opens the page, and holds it to what must never happen, whatever is done with it. */
    async visit(url: string, options: BrowserContextOptions = {}, prepare?: (page: Page) => Promise<unknown>) {
      const context = await browser.newContext({ viewport: DESKTOP, reducedMotion: "reduce", ...options });
      const page = await context.newPage();
      const wrong: string[] = [];
      page.on("pageerror", (error) => wrong.push(String(error)));
      page.on("console", (message) => {
        if (/Content Security Policy|Permissions Policy/i.test(message.text())) wrong.push(message.text());
      });
      const own = new URL(url).origin;
      page.on("request", (request) => {
        if (!request.url().startsWith("blob:") && new URL(request.url()).origin !== own) wrong.push(`asked for ${request.url()}`);
      });
      page.setDefaultTimeout(30_000);
      await prepare?.(page);
      await page.goto(url);
      const leave = async () => {
        await context.close();
        expect(wrong).toEqual([]);
      };
      return Object.assign(page, { leave });
    },
    async close() {
      await browser.close();
      rmSync(profile, { recursive: true, force: true });
    },
  };
}

export const texts = (page: Page, selector: string) => page.locator(selector).allInnerTexts();
export const jobOf = (page: Page, title: string) =>
  page.locator(".job", { has: page.getByRole("heading", { name: title, exact: true }) });

/** Sends a story with the form as it is. */
export async function send(page: Page, title: string, userId?: string) {
  if (userId) await page.fill("#user-id", userId);
  await page.fill("#title", title);
  await page.click("#submit");
  await jobOf(page, title).waitFor();
}

/** What axe finds wrong with the page, and how wide it is beyond the window. */
export async function faultsOf(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => (globalThis as any).axe.run({ iframes: false }));
  const found = violations.map(({ id, nodes }: any) => `${id}: ${nodes.map(({ target }: any) => target.join(" ")).join(", ")}`);
  const beyond = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  return beyond > 0 ? [...found, `${beyond} pixels too wide`] : found;
}

/** The frame in which a story plays. */
export async function player(page: Page): Promise<Frame> {
  await page.waitForSelector("#screen iframe");
  const frame = await eventually(() => {
    const frame = page.frames().find((frame) => frame.url().endsWith("/page/stage"));
    expect(frame).toBeDefined();
    return frame!;
  });
  await frame.waitForSelector("#play");
  return frame;
}

/** Plays it, and waits until the clock goes. */
export async function plays(page: Page) {
  const frame = await player(page);
  expect(await frame.textContent("#clock")).toMatch(/^0:00 \//);
  await frame.click("#play");
  await frame.waitForFunction(() => /^0:0[1-9] \//.test(document.getElementById("clock")!.textContent!));
  return frame;
}
