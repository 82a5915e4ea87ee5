// The Worker with a bucket in which each artifact takes a while to arrive. An upload goes on when nobody waits for it any
// more, as on Cloudflare.

import { WorkerEntrypoint } from "cloudflare:workers";
import Worker from "../../build/index.js";
export { GateObject, PoolObject } from "../../build/index.js";

const LATE_MS = 6_000;

export default class extends WorkerEntrypoint {
  fetch(request) {
    return new Worker(this.ctx, this.env).fetch(request);
  }

  queue(batch) {
    return new Worker(this.ctx, { ...this.env, ARTIFACTS: late(this.env.ARTIFACTS, this.ctx) }).queue(batch);
  }
}

const late = (bucket, ctx) => new Proxy(bucket, {
  get(_, name) {
    if (name === "put") {
      return (...put) => {
        const upload = arrive(bucket, put);
        ctx.waitUntil(upload);
        return upload;
      };
    }
    const value = bucket[name];
    return typeof value === "function" && name !== "constructor" ? value.bind(bucket) : value;
  },
});

async function arrive(bucket, [key, ...what]) {
  console.log(`upload starts: ${key}`);
  await new Promise((resolve) => setTimeout(resolve, LATE_MS));
  const object = await bucket.put(key, ...what);
  console.log(`upload lands: ${key}`);
  return object;
}
