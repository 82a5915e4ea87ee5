// A queue that delivers at least once, to consumers side by side, as Cloudflare does and the local one does not. It
// can go as wrong as such a queue may: each fault has a probability, and the same seed makes the same choices. Pure but
// for what it is given: the clock, the choices, and who takes a batch.
//
// A message keeps its id, body and timestamp; `attempts` counts its deliveries, from 1. What comes of a batch is known
// when its delivery ends, and not before:
//
//   acknowledged    by name, by `ackAll`, or by a delivery that ended well and said nothing
//   again           by name, by `retryBatch`, or because the delivery failed; after `maxRetries`, a dead letter
//
// What was said of a message by its name counts before what was said of all.

import { createRandom } from '../chaos/random.mjs';

/** As many as Cloudflare runs at once. */
const CONSUMERS_MAX = 250;
const FAILED = { outcome: 'exception', explicitAcks: [], retryMessages: [], retryBatch: { retry: false }, ackAll: false };
const CLOCK = { now: () => Date.now(), setTimeout: (run, ms) => setTimeout(run, ms), clearTimeout: (timer) => clearTimeout(timer) };

/** The probabilities of what may go wrong; a message is delayed by at most `delayMaxMs`. */
const FAULTLESS = { duplicate: 0, lose: 0, reorder: 0, delay: 0, delayMaxMs: 0, loseAck: 0 };

export class Broker {
  /** What happened so far; of consumers, the most at once. */
  counts = {
    deliveries: 0, messages: 0, mostConsumers: 0, failed: 0, again: 0, deadLetters: 0,
    duplicated: 0, lost: 0, reordered: 0, delayed: 0, acksLost: 0,
  };

  #settings;
  #clock;
  #faults;
  #choices;
  /** Messages that wait for a consumer, in the order in which they go; and the timers of those that come later. */
  #waiting = [];
  #later = new Set();
  #fill = null;
  #running = 0;
  #consumers;
  #isOpen = true;
  #onQuiet = [];

  /**
   * `deliver(messages)` resolves with what the handler said: `{ outcome, explicitAcks, retryMessages, retryBatch,
   * ackAll }`; one that rejects is a handler that failed. `consumers` is a number, or 'scaled': Cloudflare begins with
   * one, and judges only when a batch has ended. A batch that is not full goes `batchTimeoutMs` after its oldest came.
   */
  constructor({
    deliver, consumers = 1, batchSize = 100, batchTimeoutMs = 0, maxRetries = 3, retryDelayMs = 0,
    deadLetter = () => {}, faults = {}, random = createRandom(1), clock = CLOCK,
  }) {
    this.#settings = { deliver, isScaled: consumers === 'scaled', batchSize, batchTimeoutMs, maxRetries, retryDelayMs, deadLetter };
    this.#consumers = consumers === 'scaled' ? 1 : consumers;
    this.#faults = { ...FAULTLESS, ...faults };
    // Each fault has choices of its own, so that one more leaves those of the others as they were.
    this.#choices = Object.fromEntries(Object.keys(FAULTLESS).map((fault) => [fault, random.fork()]));
    this.#clock = clock;
  }

  /** Messages that wait for a consumer, or will: delayed ones, and those to come again. */
  get backlog() {
    return this.#waiting.length + this.#later.size;
  }

  /** Deliveries under way. */
  get running() {
    return this.#running;
  }

  /** Takes messages `{ id, body, timestamp }`, with all that may go wrong. */
  put(messages) {
    for (const message of messages) {
      if (this.#goesWrong('lose', 'lost')) continue;
      const copies = this.#goesWrong('duplicate', 'duplicated') ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) this.#enter({ ...message, attempts: 1 });
    }
    this.#pump();
  }

  /** Delivers nothing more, forgets what waits, and resolves when no delivery is under way. */
  async close() {
    this.#isOpen = false;
    for (const timer of [...this.#later, this.#fill]) this.#clock.clearTimeout(timer);
    this.#later.clear();
    this.#waiting = [];
    if (this.#running > 0) await new Promise((resolve) => this.#onQuiet.push(resolve));
  }

  #goesWrong(fault, count) {
    const does = this.#choices[fault].chance(this.#faults[fault]);
    if (does) this.counts[count] += 1;
    return does;
  }

  #enter(message) {
    const delayMs = this.#goesWrong('delay', 'delayed') ? this.#choices.delay.between(1, this.#faults.delayMaxMs) : 0;
    this.#enterIn(delayMs, message);
  }

  #enterIn(delayMs, message) {
    if (!this.#isOpen) return;
    if (delayMs > 0) {
      const timer = this.#clock.setTimeout(() => {
        this.#later.delete(timer);
        this.#enterIn(0, message);
        this.#pump();
      }, delayMs);
      this.#later.add(timer);
    } else {
      const last = this.#waiting.length;
      const at = this.#goesWrong('reorder', 'reordered') ? this.#choices.reorder.between(0, last) : last;
      this.#waiting.splice(at, 0, { ...message, since: this.#clock.now() });
    }
  }

  /** Gives the consumers that are free what waits. */
  #pump() {
    const { batchSize, batchTimeoutMs } = this.#settings;
    this.#clock.clearTimeout(this.#fill);
    while (this.#isOpen && this.#running < this.#consumers && this.#waiting.length > 0) {
      const left = this.#waiting.length < batchSize
        ? Math.min(...this.#waiting.map(({ since }) => since)) + batchTimeoutMs - this.#clock.now() : 0;
      if (left > 0) {
        this.#fill = this.#clock.setTimeout(() => this.#pump(), left);
        return;
      }
      this.#run(this.#take(batchSize));
    }
  }

  /** The next batch. A message and its copy never share one: they would share an id, by which all is settled. */
  #take(batchSize) {
    const ids = new Set();
    const left = [];
    const batch = this.#waiting.filter((message) => {
      const fits = ids.size < batchSize && !ids.has(message.id);
      if (fits) ids.add(message.id);
      else left.push(message);
      return fits;
    });
    this.#waiting = left;
    return batch;
  }

  async #run(batch) {
    this.#running += 1;
    this.counts.deliveries += 1;
    this.counts.messages += batch.length;
    this.counts.mostConsumers = Math.max(this.counts.mostConsumers, this.#running);
    const messages = batch.map(({ id, timestamp, body, attempts }) => ({ id, timestamp, body, attempts }));
    // Not at once: the handler of a message is no part of the call that put it there.
    const result = await Promise.resolve().then(() => this.#settings.deliver(messages)).catch(() => FAILED);
    const isFailed = result.outcome !== 'ok';
    if (isFailed) this.counts.failed += 1;
    this.#running -= 1;
    for (const message of batch) this.#settle(message, result);
    if (this.#settings.isScaled) this.#scale(isFailed);
    this.#pump();
    if (this.#running === 0) for (const resolve of this.#onQuiet.splice(0)) resolve();
  }

  /** A retry is no failure; only a handler that throws is. */
  #scale(isFailed) {
    const step = this.#waiting.length > 0 && !isFailed ? 1 : -1;
    this.#consumers = Math.min(CONSUMERS_MAX, Math.max(1, this.#consumers + step));
  }

  #settle(message, { outcome, explicitAcks, retryMessages, retryBatch, ackAll }) {
    const own = retryMessages.find(({ msgId }) => msgId === message.id);
    if (explicitAcks.includes(message.id)) this.#acknowledge(message);
    else if (own) this.#retry(message, own.delaySeconds ?? retryBatch.delaySeconds);
    else if (!ackAll && (outcome !== 'ok' || retryBatch.retry)) this.#retry(message, retryBatch.delaySeconds);
    else this.#acknowledge(message);
  }

  #acknowledge(message) {
    if (this.#goesWrong('loseAck', 'acksLost')) this.#retry(message);
  }

  #retry(message, delaySeconds) {
    if (!this.#isOpen) return;
    const { maxRetries, retryDelayMs, deadLetter } = this.#settings;
    const { since, ...kept } = message;
    if (message.attempts > maxRetries) {
      this.counts.deadLetters += 1;
      deadLetter(kept);
    } else {
      this.counts.again += 1;
      this.#enterIn(delaySeconds === undefined ? retryDelayMs : delaySeconds * 1000, { ...kept, attempts: message.attempts + 1 });
    }
  }
}
