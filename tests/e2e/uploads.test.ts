// Bodies that arrive slowly, many at a time: an isolate holds only so many bytes of them, and waits only so long.

import { connect, type Socket } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { TEXT } from "./site";
import { eventually, newUser, startWorker, type Worker } from "./worker";

const MIB = 1024 * 1024;
/** The bytes of bodies that an isolate holds, and how long it waits for one. */
const HELD_MAX = 24 * MIB;
const WITHIN_MS = 60_000;
const PART = 4 * MIB;

let worker: Worker;
const sockets: Socket[] = [];
beforeAll(async () => { worker = await startWorker(); });
afterAll(() => {
  for (const socket of sockets) socket.destroy();
  return worker.close();
});

/** Begins a body of 6 MiB and stops after four. */
function stalled() {
  const { hostname, port } = new URL(worker.url);
  const socket = connect(Number(port), hostname);
  sockets.push(socket);
  const upload = { socket, answer: "" };
  socket.on("data", (data) => { upload.answer += data; });
  socket.on("error", () => {});
  socket.write(`POST /create-episode HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: application/json\r\ncontent-length: ${6 * MIB}\r\n\r\n`);
  socket.write(Buffer.alloc(PART, " "));
  return upload;
}
const episode = (text: string) => {
  const body = { userId: newUser("reader"), seriesId: "mornings", source: { type: "paste", text } };
  return worker.send("POST", "/create-episode", { body: JSON.stringify(body), headers: { "content-type": "application/json" } });
};
const LARGE = `${TEXT}\n\n`.repeat(Math.floor(PART / (TEXT.length + 2)));

/** Stalls as many as there is room for, until no more is taken in, however little. */
async function fill() {
  const uploads = Array.from({ length: HELD_MAX / PART }, stalled);
  await eventually(async () => {
    // One may have found no room beside what this asks with.
    uploads.forEach(({ answer }, index) => { if (answer !== "") uploads[index] = stalled(); });
    const answer = await worker.send("POST", "/create-episode", { body: "{}", headers: { "content-type": "application/json" } });
    expect(answer).toMatchObject({ status: 503, body: { type: "urn:story-queue:problem:too-many-uploads" } });
    expect(answer.headers.get("retry-after")).toBe("5");
  });
  return uploads;
}

test("slow uploads hold no more than an isolate has room for, and only for a minute", async () => {
  const began = Date.now();
  const uploads = await fill();
  expect(await worker.send("GET", "/tiers")).toMatchObject({ status: 200 });
  await eventually(() => {
    for (const { answer } of uploads) expect(answer).toMatch(/^HTTP\/1.1 408 .*urn:story-queue:problem:body-too-slow/s);
  }, 2 * WITHIN_MS);
  expect(Date.now() - began).toBeGreaterThan(WITHIN_MS - 5_000);
  expect(await episode(LARGE)).toMatchObject({ status: 202 });
}, 3 * WITHIN_MS);

test("what somebody sent who left is given back", async () => {
  const uploads = await fill();
  for (const { socket } of uploads) socket.destroy();
  await eventually(async () => expect(await episode(LARGE)).toMatchObject({ status: 202 }));
});
