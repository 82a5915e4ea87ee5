// With an invalid configuration, every request is answered with 500, the log lists all errors, and no job is lost.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, newUser, startWorker, story, type Worker } from "./worker";

const GOOD = { TICKET_RESEND_SECONDS: "1" };
const FAULTY = { ...GOOD, LEASE_SECONDS: "ten", MAX_ATTEMPTS: "0", LOG_FORMAT: "xml" };

let worker: Worker;
beforeAll(async () => { worker = await startWorker(GOOD); });
afterAll(() => worker.close());

test("every request is answered with 500, all errors are logged, and an accepted job succeeds after the repair", async () => {
  expect(await worker.send("GET", "/healthz")).toMatchObject({ status: 200, body: { status: "ok" } });
  const accepted = await worker.accept(story(newUser("mara")));
  await worker.crash(FAULTY);

  const requests = [
    ["GET", "/healthz"], ["GET", "/tiers"], ["GET", accepted.links.self], ["DELETE", accepted.links.self],
    ["POST", "/create-story"], ["GET", "/nothing"],
  ];
  for (const [method, path] of requests) {
    const answer = await worker.send(method, path);
    expect(answer.headers.get("content-type")).toBe("application/problem+json");
    expect(answer).toMatchObject({ status: 500, body: { type: "urn:story-queue:problem:misconfigured", status: 500 } });
    expect(answer.bytes.toString()).not.toContain("LEASE_SECONDS");
  }
  const line = await eventually(() => {
    const line = worker.lines().find((line) => line.startsWith("[Fault] the configuration is invalid: "));
    expect(line).toBeDefined();
    return line!;
  });
  expect(line).toContain('LEASE_SECONDS: is "ten", must be a whole number from 1 to 86400');
  expect(line).toContain("MAX_ATTEMPTS: is 0, must be a whole number from 1 to 100");
  expect(line).toContain('LOG_FORMAT: is "xml", must be one of: text, json');

  await worker.crash(GOOD);
  await worker.until(accepted, "succeeded");
});
