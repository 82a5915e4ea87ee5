// The Worker with a bucket that is late and old: each artifact takes a while to arrive, also when nobody waits for it any
// more, as on Cloudflare; and a listing has few records of dead letters a page, those of the epoch eight days old.

import { WorkerEntrypoint } from "cloudflare:workers";
import Worker from "../../build/index.js";
export { FailuresObject, GateObject, PoolObject } from "../../build/index.js";

const LATE_MS = 6_000;
const AGE_MS = 8 * 86_400_000;

export default class extends WorkerEntrypoint {
  fetch(request) {
    return new Worker(this.ctx, this.env).fetch(request);
  }

  queue(batch) {
    return this.with({ put: (...put) => {
      const upload = arrive(this.env.ARTIFACTS, put);
      this.ctx.waitUntil(upload);
      return upload;
    } }).queue(batch);
  }

  scheduled(event) {
    return this.with({ list: async (options) => {
      const page = await this.env.ARTIFACTS.list({ ...options, limit: 3 });
      return { ...page, objects: page.objects.map(aged) };
    } }).scheduled(event);
  }

  with(other) {
    return new Worker(this.ctx, { ...this.env, ARTIFACTS: over(this.env.ARTIFACTS, other) });
  }
}

async function arrive(bucket, [key, ...what]) {
  console.log(`upload starts: ${key}`);
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  const object = await bucket.put(key, ...what);
  console.log(`upload lands: ${key}`);
  return object;
}

const aged = (object) => /[/_]0{13}-/.test(object.key)
  ? over(object, { uploaded: new Date(object.uploaded.getTime() - AGE_MS) })
  : object;

/** The object with some of its members replaced. */
const over = (object, others) => new Proxy(object, {
  get(_, name) {
    if (Object.hasOwn(others, name)) return others[name];
    const value = object[name];
    return typeof value === "function" && name !== "constructor" ? value.bind(object) : value;
  },
});
