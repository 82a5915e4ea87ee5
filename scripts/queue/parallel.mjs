// A Worker on local workerd whose queue delivers to consumers side by side.
//
// The local queue delivers one batch after another. So the Worker runs without its own consumer of that queue; a second
// Worker, ./relay.js, consumes it and posts what it gets to the broker, which has the relay call the first one's queue
// handler with batches of its own. What the settings say of that consumer, the broker goes by. Bodies travel as JSON:
// tickets are texts, and bytes are not sent here.
//
// The harness could call the handler, too, but it blocks this process until it knows that the answer is a promise. While
// it is blocked nobody reads what workerd logs, and workerd, once it cannot write, answers nobody.

import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTestHarness, unstable_readConfig as readConfig } from 'wrangler';
import { QUIET } from '../tools.mjs';
import { Broker } from './broker.mjs';

/** How long to wait for what is under way when all is ended. */
const GRACE_MS = 3_000;
/** Nothing is said of each batch, either. */
const SILENT = { ...QUIET, WRANGLER_LOG: 'error' };

/**
 * Starts the Worker of that `config`, a path, with `vars` over its own, and the broker in place of `queue`; `broker` goes
 * over its settings. Its storage and its log are in memory, and go with it.
 */
export async function startParallel({ config, vars = {}, queue, broker: options = {} }) {
  Object.assign(process.env, SILENT);
  const settings = readConfig({ config });
  const consumer = settings.queues.consumers.find((consumer) => consumer.queue === queue);
  if (!consumer) throw new Error(`${config} has no consumer of the queue ${queue}`);
  const inbox = createServer();
  inbox.listen(0, '127.0.0.1');
  await once(inbox, 'listening');
  const harness = createTestHarness({
    workers: [{ config: withoutConsumer(settings, consumer, vars) }, { config: relayOf(settings.name, consumer, inbox.address().port) }],
  });
  const endHarness = async () => {
    await Promise.race([harness.close(), sleep(GRACE_MS, undefined, { ref: false })]);
    inbox.close();
    inbox.closeAllConnections();
  };

  try {
    const { url } = await harness.listen();
    const worker = harness.getWorker(settings.name);
    const relay = harness.getWorker('relay');
    const tell = async (what) => {
      const response = await relay.fetch('/', { method: 'POST', body: JSON.stringify({ queue, ...what }) });
      if (!response.ok) throw new Error(`the relay answered ${response.status}: ${await response.text()}`);
      return response;
    };
    const broker = new Broker({
      ...goingBy(consumer),
      deliver: async (messages) => (await tell({ messages })).json(),
      // Whoever waits for it sees that it does not come.
      deadLetter: ({ body }) => tell({ deadLetter: body }).catch(() => {}),
      ...options,
    });
    inbox.on('request', async (request, response) => {
      broker.put(await json(request));
      response.end();
    });
    const log = createLog(harness);
    return {
      url: String(url),
      /** Asks the Worker itself, past the proxy that stands before `url`. */
      fetch: (path, init) => worker.fetch(path, init),
      ...log,
      broker,
      worker,
      close: async () => {
        await Promise.race([broker.close(), sleep(GRACE_MS, undefined, { ref: false })]);
        await endHarness();
      },
    };
  } catch (error) {
    await endHarness();
    throw error;
  }
}

/**
 * The settings as wrangler takes them again, of what is built already; without files, since the Worker of wrangler's own
 * that serves them would stand before this one and pass no batch on.
 */
function withoutConsumer(settings, consumer, vars) {
  const { triggers, build, assets, ...rest } = settings;
  return {
    ...rest,
    vars: { ...settings.vars, ...vars },
    queues: { ...settings.queues, consumers: settings.queues.consumers.filter((each) => each !== consumer) },
  };
}

const relayOf = (service, { queue, dead_letter_queue: deadLetterQueue }, port) => ({
  name: 'relay',
  main: join(import.meta.dirname, 'relay.js'),
  compatibility_date: '2026-11-01',
  compatibility_flags: ['service_binding_extra_handlers'],
  services: [{ binding: 'WORKER', service }],
  vars: { BROKER: `http://127.0.0.1:${port}/` },
  queues: {
    consumers: [{ queue, max_batch_size: 100, max_batch_timeout: 0 }],
    producers: deadLetterQueue ? [{ binding: 'DEAD_LETTERS', queue: deadLetterQueue }] : [],
  },
});

/** What is left out is as Cloudflare has it. */
const goingBy = ({ max_batch_size: size = 10, max_batch_timeout: timeout = 5, max_retries: retries = 3, retry_delay: delay = 0 }) =>
  ({ batchSize: size, batchTimeoutMs: 1000 * timeout, maxRetries: retries, retryDelayMs: 1000 * delay });

/** What was logged so far, oldest first: as lines, and those that are JSON as objects, with the moment of each. */
function createLog(harness) {
  const [lines, events] = [[], []];
  const upToNow = (list) => {
    for (const { timestamp, message } of harness.getLogs()) {
      lines.push(message);
      if (message.startsWith('{')) events.push({ at: timestamp, ...JSON.parse(message) });
    }
    // The harness copies all it holds with every look.
    harness.clearLogs();
    return list;
  };
  return { lines: () => upToNow(lines), events: () => upToNow(events) };
}
