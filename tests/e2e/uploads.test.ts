// Bodies that arrive slowly, many at a time: an isolate holds only so many bytes of them, and waits only so long.

import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEXT } from "./site";
import { eventually, newUser, startWorker, type Worker } from "./worker";

const MIB = 1024 * 1024;
/** The bytes of bodies that an isolate holds, and how long it waits for one. */
const HELD_MAX = 24 * MIB;
const WITHIN_MS = 60_000;

let worker: Worker;
const sockets: Socket[] = [];
beforeAll(async () => { worker = await startWorker(); });
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  return worker.close();
});

/** Sends so many bytes of a body that has more of them, and no more. Returns the socket and what was answered so far. */
function stalled(bytes: number) {
  const { hostname, port } = new URL(worker.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  const upload = { socket, answer: "" };
  socket.on("data", (data) => { upload.answer += data; });
  socket.on("error", () => {});
  socket.write(`POST /create-episode HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${6 * MIB}\r\n\r\n`);
  socket.write(Buffer.alloc(bytes, " "));
  return upload;
}

const episode = (text: string) => {
  const body = { userId: newUser("reader"), seriesId: "mornings", source: { type: "paste", text } };
  return worker.send("POST", "/create-episode", { body: JSON.stringify(body), headers: { "content-type": "application/json" } });
};
const LARGE = `${TEXT}\n\n`.repeat(Math.floor((4 * MIB) / (TEXT.length + 2)));

test("slow uploads hold no more than an isolate has room for, and only for a minute", async () => {
  const began = Date.now();
  const uploads = Array.from({ length: 10 }, () => stalled(4 * MIB));
  // As much as there is room for waits, and is over after its time; what came beyond that is refused at once.
  const refused = () => uploads.filter(({ answer }) => answer.startsWith("HTTP/1.1 503"));
  await eventually(() => expect(refused()).toHaveLength(10 - HELD_MAX / (4 * MIB)));
  for (const { answer } of refused()) {
    expect(answer).toContain("urn:story-queue:problem:too-many-uploads");
    expect(answer.toLowerCase()).toContain("retry-after: 5\r\n");
  }
  expect(await episode(LARGE)).toMatchObject({ status: 503, body: { type: "urn:story-queue:problem:too-many-uploads" } });
  expect(await worker.send("GET", "/tiers")).toMatchObject({ status: 200 });

  const slow = uploads.filter((upload) => !refused().includes(upload));
  await eventually(() => {
    for (const { answer } of slow) expect(answer).toMatch(/^HTTP\/1.1 408 /);
  }, 2 * WITHIN_MS);
  expect(Date.now() - began).toBeGreaterThan(WITHIN_MS - 5_000);
  for (const { answer } of slow) expect(answer).toContain("urn:story-queue:problem:body-too-slow");
  expect(await episode(LARGE)).toMatchObject({ status: 202 });
}, 3 * WITHIN_MS);

test("what somebody sent who left is given back", async () => {
  const refused = (answer: string) => answer.startsWith("HTTP/1.1 503");
  const uploads = Array.from({ length: 7 }, () => stalled(4 * MIB));
  await eventually(() => expect(uploads.filter(({ answer }) => refused(answer))).toHaveLength(1));
  for (const { socket } of uploads) socket.destroy();
  await eventually(async () => expect(await episode(LARGE)).toMatchObject({ status: 202 }));
});
