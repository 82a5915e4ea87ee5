// Takes the pictures of the page in docs/ anew: `node scripts/pages/pictures.mjs`, after a change of the page. It needs
// the built Worker and Chromium; look at the pictures before you commit them.

import { join } from "node:path";
import { chromium as launcher } from "playwright-core";
import { chromium } from "../browser.mjs";
import { startWorker } from "../demo/worker.mjs";
import { root } from "../tools.mjs";

const TITLES = ["The Lighthouse Cat", "Letters for the Moon", "The Last Tram Home"];
const jpeg = (name) => ({ type: "jpeg", quality: 72, path: join(root, "docs", name) });

const MARGIN = 32;

/** Where something is on the page, however far that is scrolled. */
const box = (locator) => locator.evaluate((node) => {
  const { x, y, width, height } = node.getBoundingClientRect();
  return { x, y: y + scrollY, width, height };
});

/** The plans, in the light. */
async function plans(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "light", reducedMotion: "reduce" });
  await page.goto(url);
  await page.locator("#plan-list li").first().waitFor();
  const [top, bottom] = [await box(page.locator("#plans-title")), await box(page.locator("#plans-note"))];
  const clip = { x: 0, y: top.y - MARGIN, width: 1280, height: bottom.y + bottom.height - top.y + 2 * MARGIN };
  await page.screenshot({ ...jpeg("page-plans.jpg"), fullPage: true, clip });
}

/** A story that is parked behind two others of its user, in the dark. */
async function parked(browser, url) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, colorScheme: "dark", reducedMotion: "reduce" });
  await page.goto(url);
  await page.fill("#user-id", "mara");
  // Long enough to be still under way when the picture is taken.
  for (let scene = 0; scene < 6; scene++) await page.click("#add-scene");
  for (const area of await page.locator("#scenes textarea").all()) await area.fill("The lamp is lit.");
  for (const title of TITLES) {
    await page.fill("#title", title);
    await page.click("#submit");
    await page.locator(".job h4", { hasText: title }).waitFor();
  }
  await page.locator(".job[data-status=parked]").getByText("First in line", { exact: true }).waitFor();
  await page.locator("#upgrade").getByText("Wait less").waitFor();
  const [top, bottom] = [await box(page.locator("h3", { hasText: "Your stories" })), await box(page.locator("#upgrade"))];
  const clip = { x: bottom.x - MARGIN, y: top.y - MARGIN, width: bottom.width + 2 * MARGIN, height: bottom.y + bottom.height - top.y + 2 * MARGIN };
  await page.screenshot({ ...jpeg("page-parked.jpg"), fullPage: true, clip });
}

const stopping = new AbortController();
const worker = await startWorker({ root, logFile: "/dev/null", signal: stopping.signal, onEnd: () => {} });
const browser = await launcher.launch({ executablePath: chromium, headless: true, args: ["--no-sandbox", "--disable-gpu"] });
try {
  await plans(browser, worker.url);
  await parked(browser, worker.url);
} finally {
  await browser.close();
  await worker.stop();
}
