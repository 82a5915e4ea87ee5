// The Worker with a gate that knows of two artifacts more, as a back end could have made them: a film that is larger than
// what is held of anything, and one that stalls after its beginning. Both lie in one object of the bucket.

import { WorkerEntrypoint } from "cloudflare:workers";
import Worker from "../../build/index.js";
export { FailuresObject, GateObject, PoolObject } from "../../build/index.js";

const BYTES = 64 * 1024 * 1024;
/** Where the film begins in its object. */
const OFFSET = 1_000;
const [FILM, SLOW] = [901, 902];
const film = (name, epoch) => ({ name, contentType: "video/mp4", offset: OFFSET, bytes: BYTES, epoch });

export default class extends WorkerEntrypoint {
  fetch(request) {
    const { GATES, ARTIFACTS } = this.env;
    return this.with({
      GATES: over(GATES, { getByName: (name) => {
        const gate = GATES.getByName(name);
        return over(gate, { fetch: async (...call) => knowing(await gate.fetch(...call)) });
      } }),
      ARTIFACTS: over(ARTIFACTS, { get: async (key, options) => {
        if (!key.endsWith(`/${SLOW}`)) return ARTIFACTS.get(key, options);
        return stalling(await ARTIFACTS.get(key.replace(/\d+$/, FILM), options));
      } }),
    }).fetch(request);
  }

  queue(batch) {
    return this.with({}).queue(batch);
  }

  with(others) {
    return new Worker(this.ctx, { ...this.env, ...others });
  }
}

async function knowing(answer) {
  const reply = await answer.json();
  const made = reply.is === "job" && reply.view?.job.stages.find(({ finishedAt }) => finishedAt !== null);
  if (made) made.artifacts.push(film("film.mp4", FILM), film("slow.mp4", SLOW));
  return new Response(JSON.stringify(reply));
}

/** The object, with only the beginning of its body; the rest never comes. */
function stalling(object) {
  const reader = object.body.getReader();
  const body = new ReadableStream({
    start: async (controller) => controller.enqueue((await reader.read()).value),
    cancel: () => reader.cancel(),
  });
  return over(object, { body, bodyUsed: false });
}

/** The object with some of its members replaced. */
const over = (object, others) => new Proxy(object, {
  get(_, name) {
    if (Object.hasOwn(others, name)) return others[name];
    const value = object[name];
    return typeof value === "function" && name !== "constructor" ? value.bind(object) : value;
  },
});
