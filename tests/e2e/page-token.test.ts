// The page where the service asks for credentials: a token that the service itself checks.

import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { canBrowse, plays, startBrowser, type Visitor } from "./browser";
import { SECRET, tokenOf } from "./tokens";
import { newUser, startWorker, type Worker } from "./worker";

let worker: Worker;
let browser: Visitor;
beforeAll(async () => {
  worker = await startWorker({ AUTH: "credentials", SERVICE_KEYS: "a-service-key-for-the-tests-alone-1234", JWT_SECRET: SECRET });
  if (canBrowse) browser = await startBrowser();
});
afterAll(async () => {
  await browser?.close();
  await worker.close();
});

describe.skipIf(!canBrowse)("with the service's own checks", () => {
  test("the page needs no credentials, the form asks for a token, and with one the story is made and plays", async () => {
    const page = await browser.visit(worker.url);
    await page.waitForSelector(".plan");
    await page.fill("#user-id", "mara");
    await page.click("#submit");
    await page.waitForSelector("#token-fault:not([hidden])");

    const userId = newUser("mara");
    await page.fill("#token", tokenOf(userId, { tier: "tier3" }));
    await page.click("#submit");
    await plays(page);
    expect(await page.locator("#account").innerText()).toContain(userId);
    await page.leave();
  });

  test("a forged token is refused beside its field", async () => {
    const page = await browser.visit(worker.url);
    await page.getByLabel("An access token").check();
    await page.fill("#token", `${tokenOf("mara").slice(0, -8)}AAAAAAAA`);
    await page.click("#submit");
    await page.waitForSelector("#token-fault:not([hidden])");
    expect(await page.locator("#token").getAttribute("aria-invalid")).toBe("true");
    expect(await page.locator("#token-fault").innerText()).toMatch(/\S/);
    await page.leave();
  });
});
