// Messages that cannot be handled are recorded, never silently lost, and do not affect others.

import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, newUser, operator, startWorker, story, ticketOf, type Accepted, type Json, type Worker } from "./worker";

let worker: Worker;
let queues: Json;
beforeAll(async () => {
  worker = await startWorker({ STORYBOARD_PACE_MS: "100" }, [operator]);
  queues = await worker.server.getWorker("operator").getEnv();
});
afterAll(() => worker.close());

const TICKET = ticketOf({
  ...{ jobId: "018bcfe5-6800-7000-8000-000000000000", userId: "nobody", tier: "tier4", priority: 4 },
  submittedAt: new Date().toISOString(),
});

test("unreadable messages in a batch are listed and do not affect the others", async () => {
  const poison: [reason: RegExp, body: unknown, contentType: string][] = [
    [/^not a ticket: expected/, "not JSON", "text"],
    [/^not a ticket: .*control character/, '{"v":1,"jobId":"\n', "text"],
    [/^not a ticket: missing field/, '{"v":1}', "text"],
    [/^not a ticket: .*128 characters/, TICKET.replace("nobody", "../nobody"), "text"],
    [/^not a ticket: \d+ bytes; at most 4096$/, TICKET.padEnd(100_000), "text"],
    [/^ticket version 99 is unknown to this build$/, '{"v":99}', "text"],
    [/^not a ticket: the body is not a string$/, JSON.parse(TICKET), "json"],
    [/^not a ticket: the body is not a string$/, new Uint8Array([0, 159, 146, 150]), "bytes"],
    [/^not a ticket: the body is not a string$/, new Map([["v", 1]]), "v8"],
    [/^not a ticket: the body is not a string$/, null, "json"],
  ];
  const jobs = [await worker.accept(story(newUser("mara")))];
  await queues.STORIES.sendBatch(poison.map(([, body, contentType]) => ({ body, contentType })));
  jobs.push(await worker.accept(story(newUser("theo"))));

  for (const job of jobs) {
    const done = await worker.until(job, "succeeded");
    expect(done.stages.map(({ attempts }: Json) => attempts)).toEqual([1, 1, 1]);
  }
  const letters: Json[] = await eventually(async () => {
    const letters = await worker.deadLetters();
    expect(letters).toHaveLength(poison.length);
    return letters;
  });
  for (const [reason] of poison) {
    expect(letters).toContainEqual({
      messageId: expect.stringMatching(/^\S+$/),
      queue: "stories",
      buriedAt: expect.stringMatching(/Z$/),
      error: expect.stringMatching(reason),
      body: expect.any(String),
    });
  }
  expect(letters.find(({ error }) => error.includes("99"))).toMatchObject({ body: '{"v":99}' });
  // One error line each, which no message can break into two.
  for (const { messageId } of letters) {
    const lines = worker.server.getLogs().filter(({ message }) => message.includes(messageId));
    expect(lines).toMatchObject([{ level: "error", message: expect.stringMatching(/^\[Dead Letters\] Message \S+ of queue stories buried: [^\n]+$/) }]);
  }
});

test("a ticket of a job that does not exist creates nothing", async () => {
  const before = (await worker.deadLetters()).length;
  await queues.STORIES.sendBatch([TICKET, "the last"].map((body) => ({ body, contentType: "text" })));
  await eventually(async () => expect(await worker.deadLetters()).toHaveLength(before + 1));
  expect((await worker.jobs("nobody")).jobs).toEqual([]);
});

test("a ticket in the dead-letter queue is noted on its job, which still succeeds", async () => {
  const userId = newUser("theo");
  const jobs: Accepted[] = [];
  for (let count = 0; count < 3; count += 1) jobs.push(await worker.accept(story(userId, { scenes: 20 })));
  const accepted = jobs[2]!;
  await worker.until(accepted, "parked");
  // Ten are a full batch, so nobody has to wait for more.
  await queues.DEAD_LETTERS.sendBatch(Array(10).fill({ body: ticketOf(accepted), contentType: "text" }));
  const noted = await eventually(async () => {
    const job = await worker.job(accepted);
    expect(job.error).toMatchObject({ code: "dead_lettered" });
    return job;
  });
  expect(noted.status).toBe("parked");
  expect(noted.error.message).toContain("stories-dlq");
  const done = await worker.until(accepted, "succeeded");
  expect(done.stages.map(({ attempts }: Json) => attempts)).toEqual([1, 1, 1]);
});

test("other messages in the dead-letter queue are listed", async () => {
  const before = (await worker.deadLetters()).length;
  const message = (body: string) => ({ body, contentType: "text" });
  await queues.DEAD_LETTERS.sendBatch([...Array(9).fill(message("not JSON")), message(TICKET)]);
  const letters = await eventually(async () => {
    const letters: Json[] = await worker.deadLetters();
    expect(letters).toHaveLength(before + 10);
    return letters.filter(({ queue }) => queue === "stories-dlq");
  });
  expect(letters.filter(({ error }) => error.startsWith("not a ticket"))).toHaveLength(9);
  expect(letters.filter(({ error }) => error === "delivered too often, and its job is unknown")).toMatchObject([{ body: TICKET }]);
});
