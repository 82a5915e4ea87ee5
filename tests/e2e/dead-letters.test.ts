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
      key: expect.stringMatching(/^dead-letters\/\d{13}-\S+$/),
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

test("of the other messages in the dead-letter queue, those that cannot be read are listed", async () => {
  const before = (await worker.deadLetters()).length;
  const message = (body: string) => ({ body, contentType: "text" });
  await queues.DEAD_LETTERS.sendBatch([message(TICKET), ...Array(9).fill(message("not JSON"))]);
  const letters = await eventually(async () => {
    const letters: Json[] = await worker.deadLetters();
    expect(letters).toHaveLength(before + 9);
    return letters.filter(({ queue }) => queue === "stories-dlq");
  });
  expect(letters.filter(({ error }) => error.startsWith("not a ticket"))).toHaveLength(9);
  // A ticket names a user, who may have been deleted.
  expect(JSON.stringify(letters)).not.toContain("nobody");
  const dropped = worker.lines().filter((line) => line.endsWith("delivered too often; its job is unknown, so it is dropped"));
  expect(dropped).toHaveLength(1);
});

test("young records outlive the daily run", async () => {
  const before = await worker.deadLetters();
  const runtime = worker.server.getWorker();
  expect(await runtime.scheduled({ cron: "23 4 * * *" })).toMatchObject({ outcome: "ok" });
  expect(worker.lines()).toContain("[Retention] 0 dead letters deleted");
  expect(before.length).toBeGreaterThan(0);
  expect(await worker.deadLetters()).toEqual(before);
});

test("records are listed in pages, oldest first, and a cursor that is none of ours is refused", async () => {
  const { ARTIFACTS } = await worker.server.getWorker().getEnv();
  const [letter, ...others] = await worker.deadLetters();
  const keys = Array.from({ length: 101 }, (_, index) => `dead-letters/${String(index).padStart(13, "0")}-older`);
  for (const key of keys) await ARTIFACTS.put(key, "body", { customMetadata: { letter: JSON.stringify(letter) } });
  const page = async (query: string) => (await worker.send("GET", `/dead-letters${query}`)).body;
  const listed = ({ deadLetters }: Json) => deadLetters.map(({ key }: Json) => key);
  const first = await page("");
  expect(listed(first)).toEqual(keys.slice(0, 100));
  const second = await page(`?cursor=${first.nextCursor}`);
  expect(listed(second)).toEqual([...keys.slice(100), letter.key, ...others.map(({ key }: Json) => key)]);
  expect(second.nextCursor).toBe(null);

  const { status, body } = await worker.send("GET", "/dead-letters?cursor=garbage");
  expect(status).toBe(400);
  expect(body.errors).toEqual([{ parameter: "cursor", detail: "Must be the nextCursor of an earlier response." }]);
});
