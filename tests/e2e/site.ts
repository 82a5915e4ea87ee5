// A site on loopback that has an article, and every way to misbehave.

import { createServer, type RequestListener, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gzipSync } from "node:zlib";

const SENTENCES = [
  "Every lighthouse has a rhythm of its own, so that a sailor who sees it from far away knows which one it is.",
  "Ours shines for two seconds, rests for three, shines again, and then stays dark for eight.",
  "A motor turns the lamp now, but somebody still counts, on Sunday evenings, with a watch on the stairs.",
  "A lamp that counts wrongly leads ships onto the rocks; one that counts well is noticed by nobody at all.",
];

/** A text that is long enough for an episode. */
export const TEXT = SENTENCES.join(" ");

/** The same as a page. */
export const html = (title: string, text = TEXT) =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title></head><body><nav><a href="/">Home</a></nav>`
  + `<article><h1>${title}</h1><p>${text}</p><h2>Why it matters</h2><p>${text}</p></article><footer>All rights reserved</footer></body></html>`;

/** The same as a mail, with these headers besides. */
export const mail = (subject: string, { text = TEXT, ...headers }: Record<string, string> = {}) =>
  Object.entries({ From: "Wim <wim@writers.example>", To: "somebody@mail.example", Subject: subject, "Message-ID": `<${crypto.randomUUID()}@writers.example>`, ...headers })
    .map(([name, value]) => `${name}: ${value}\r\n`).join("") + `\r\n${text}\r\n`;

const MIB = 1024 * 1024;
/** Small on its way, and more than may be read. */
const BOMB = gzipSync(Buffer.alloc(12 * MIB, "a"));

const page = (response: ServerResponse, body: string | Buffer, type = "text/html; charset=utf-8") =>
  response.writeHead(200, { "content-type": type }).end(body);
const to = (location: string): RequestListener => (_, response) => response.writeHead(302, { location }).end();
const status = (code: number): RequestListener => (_, response) => response.writeHead(code).end("<h1>Sorry</h1>");

/** Writes for ever, as fast as it is read. */
const endless: RequestListener = (_, response) => {
  response.writeHead(200, { "content-type": "text/html" });
  const chunk = Buffer.alloc(MIB, "<p>more ");
  const write = () => { while (!response.destroyed && response.write(chunk)); };
  response.on("drain", write);
  write();
};

/** Writes a byte now and then, for ever. */
const drip: RequestListener = (_, response) => {
  response.writeHead(200, { "content-type": "text/html" });
  const timer = setInterval(() => response.write("<"), 250);
  response.on("close", () => clearInterval(timer));
};

const WAYS: Record<string, RequestListener> = {
  "/good": (_, response) => page(response, html("The lamp that counts")),
  "/plain": (_, response) => page(response, `A plain title\n\n${TEXT}`, "text/plain"),
  "/untyped": (_, response) => response.writeHead(200).end(html("Of no type")),
  "/moved": to("/good"),
  "/latin": (_, response) => page(response, Buffer.from(html("Köln").replace("utf-8", "iso-8859-1"), "latin1"), "text/html; charset=utf-8"),
  "/zipped": (_, response) => response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" }).end(gzipSync(html("Zipped"))),
  "/endless": endless,
  "/drip": drip,
  "/silent": () => {},
  "/loop": to("/loop"),
  "/private": to("http://10.0.0.1/"),
  "/metadata": to("http://169.254.169.254/latest/meta-data/"),
  "/file": to("file:///etc/passwd"),
  "/nowhere": (_, response) => response.writeHead(302).end(),
  "/bomb": (_, response) => response.writeHead(200, { "content-type": "text/html", "content-encoding": "gzip" }).end(BOMB),
  "/tags": (_, response) => page(response, "<div>".repeat(MIB)),
  "/404": status(404),
  "/403": status(403),
  "/500": status(500),
  "/429": status(429),
  "/login": (_, response) => page(response, `<title>Sign in</title><form method="post"><label>User<input name="user"></label><label>Password<input type="password" name="password"></label><button>Sign in</button></form>`),
  "/image": (_, response) => page(response, Buffer.from("\x89PNG\r\n\x1a\n", "latin1"), "image/png"),
  "/lie": (_, response) => page(response, Buffer.from("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1")),
  "/short": (_, response) => page(response, "<title>A note</title><article><h1>A note</h1><p>Twelve words are not enough for an episode of any kind here.</p></article>"),
};

/**
 * Has no redirect followed between a Worker and the network, as on Cloudflare, where the Worker says what becomes of it. The
 * harness of wrangler would follow each with the `fetch` of this process. Returns what undoes it.
 */
export function withoutFollowing() {
  const { fetch } = globalThis;
  const get = (init: object, name: PropertyKey) => (name === "redirect" ? "manual" : Reflect.get(init, name, init));
  globalThis.fetch = (input, init = {}) => fetch(input, new Proxy(init, { get }));
  return () => { globalThis.fetch = fetch; };
}

/** Starts it; `asked` says how often each path was asked for. */
export async function startSite() {
  const asked = new Map<string, number>();
  const server = createServer((request, response) => {
    const path = request.url ?? "";
    asked.set(path, (asked.get(path) ?? 0) + 1);
    (WAYS[path] ?? status(404))(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: (path: string) => `http://127.0.0.1:${port}${path}`,
    asked: (path: string) => asked.get(path) ?? 0,
    close() {
      server.closeAllConnections();
      server.close();
    },
  };
}
