// The broker under a clock that stands still until it is told to go on.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createRandom } from '../chaos/random.mjs';
import { Broker } from './broker.mjs';

const OK = { outcome: 'ok', explicitAcks: [], retryMessages: [], retryBatch: { retry: false }, ackAll: false };

test('messages are delivered at once, in one batch, and acknowledged by default', async () => {
  const { broker, deliveries, clock } = start();
  broker.put([message('a'), message('b')]);
  await clock.settle();
  assert.deepEqual(deliveries.map(({ messages }) => messages), [
    [{ id: 'a', timestamp: 7, body: 'body of a', attempts: 1 }, { id: 'b', timestamp: 7, body: 'body of b', attempts: 1 }],
  ]);
  deliveries[0].end();
  await clock.pass(3_600_000);
  assert.equal(deliveries.length, 1);
  assert.deepEqual([broker.backlog, broker.running], [0, 0]);
});

test('parallel consumers have one batch each, up to their number', async () => {
  const { broker, deliveries, clock } = start({ consumers: 2, batchSize: 2 });
  broker.put(['a', 'b', 'c', 'd', 'e'].map(message));
  await clock.settle();
  assert.deepEqual(ids(deliveries), ['a b', 'c d']);
  deliveries[1].end();
  await clock.settle();
  assert.deepEqual(ids(deliveries), ['a b', 'c d', 'e']);
  assert.deepEqual([broker.counts.deliveries, broker.counts.messages, broker.counts.mostConsumers], [3, 5, 2]);
});

test('a batch that is not full waits for more, counted from its oldest message', async () => {
  const { broker, deliveries, clock } = start({ batchSize: 3, batchTimeoutMs: 1_000, consumers: 5 });
  broker.put([message('a')]);
  await clock.pass(600);
  broker.put([message('b')]);
  await clock.pass(399);
  assert.deepEqual(ids(deliveries), []);
  await clock.pass(1);
  assert.deepEqual(ids(deliveries), ['a b']);
  broker.put(['c', 'd', 'e', 'f'].map(message));
  await clock.settle();
  assert.deepEqual(ids(deliveries), ['a b', 'c d e']);
});

test('a message is redelivered after the delay of the message, the batch or the queue', async () => {
  const { broker, deliveries, clock } = start({ retryDelayMs: 30_000 });
  broker.put(['a', 'b', 'c'].map(message));
  await clock.settle();
  deliveries[0].end({ retryMessages: [{ msgId: 'a', delaySeconds: 5 }, { msgId: 'b' }] });
  await clock.pass(5_000);
  assert.deepEqual(deliveries[1].messages.map(({ id, attempts }) => [id, attempts]), [['a', 2]]);
  deliveries[1].end({ retryBatch: { retry: true, delaySeconds: 1 } });
  await clock.pass(1_000);
  assert.deepEqual(deliveries[2].messages.map(({ id, attempts }) => [id, attempts]), [['a', 3]]);
  deliveries[2].end();
  await clock.pass(24_000);
  assert.deepEqual(ids(deliveries), ['a b c', 'a', 'a', 'b']);
});

test('the result of a single message overrides that of the batch', async () => {
  const { broker, deliveries, clock } = start();
  const next = async (result) => {
    broker.put(['a', 'b', 'c'].map(message));
    await clock.settle();
    const since = deliveries.length;
    deliveries.at(-1).end(result);
    await clock.settle();
    deliveries.at(-1).end();
    await clock.settle();
    return ids(deliveries.slice(since));
  };
  assert.deepEqual(await next({ explicitAcks: ['a'], retryBatch: { retry: true } }), ['b c']);
  assert.deepEqual(await next({ ackAll: true, retryMessages: [{ msgId: 'b' }] }), ['b']);
});

test('a failed delivery redelivers all messages except acknowledged ones', async () => {
  const { broker, deliveries, clock } = start();
  broker.put(['a', 'b', 'c'].map(message));
  await clock.settle();
  deliveries[0].end({ outcome: 'exception', explicitAcks: ['b'] });
  await clock.settle();
  deliveries[1].fail();
  await clock.settle();
  assert.deepEqual(ids(deliveries), ['a b c', 'a c', 'a c']);
  assert.deepEqual([broker.counts.failed, broker.counts.again], [2, 4]);
});

test('a message that was delivered too often becomes a dead letter', async () => {
  const dead = [];
  const { broker, deliveries, clock } = start({ maxRetries: 2, deadLetter: (message) => dead.push(message) });
  broker.put([message('a')]);
  for (let count = 0; count < 3; count += 1) {
    await clock.settle();
    deliveries.at(-1).end({ retryBatch: { retry: true } });
  }
  await clock.pass(3_600_000);
  assert.deepEqual(deliveries.map(({ messages: [{ attempts }] }) => attempts), [1, 2, 3]);
  assert.deepEqual(dead, [{ id: 'a', timestamp: 7, body: 'body of a', attempts: 3 }]);
});

test('scaling starts with one consumer, and is decided only when a batch ends', async () => {
  const { broker, deliveries, clock } = start({ consumers: 'scaled', batchSize: 1 });
  const under = () => deliveries.filter(({ isOver }) => !isOver).length;
  const end = async (count, result) => {
    deliveries.filter(({ isOver }) => !isOver).slice(0, count).forEach((delivery) => delivery.end(result));
    await clock.settle();
  };
  broker.put(Array.from({ length: 10 }, (_, index) => message(`${index}`)));
  await clock.pass(600_000);
  assert.equal(under(), 1, 'a backlog alone adds none');
  await end(1);
  assert.equal(under(), 2);
  await end(2);
  assert.equal(under(), 4);
  await end(1, { outcome: 'exception' });
  assert.equal(under(), 3, 'a failure takes one');
  await end(3, { retryBatch: { retry: true } });
  assert.equal(under(), 6, 'a retry is not a failure');
  broker.put(Array.from({ length: 2_000 }, (_, index) => message(`more ${index}`)));
  for (let count = 0; count < 10; count += 1) await end(1_000);
  assert.equal(under(), 250);
});

test('scaling goes down to one consumer when nothing waits', async () => {
  const { broker, deliveries, clock } = start({ consumers: 'scaled', batchSize: 1 });
  broker.put(['a', 'b', 'c', 'd', 'e', 'f', 'g'].map(message));
  for (let count = 0; count < 7; count += 1) {
    await clock.settle();
    deliveries.filter(({ isOver }) => !isOver).forEach((delivery) => delivery.end());
  }
  await clock.settle();
  broker.put(['h', 'i', 'j'].map(message));
  await clock.settle();
  assert.equal(deliveries.filter(({ isOver }) => !isOver).length, 1);
});

test('the same seed makes the same faults, and each is counted', async () => {
  const faults = { duplicate: 0.2, lose: 0.2, reorder: 0.5, delay: 0.3, delayMaxMs: 5_000, loseAck: 0.2 };
  const run = async (seed) => {
    const { broker, deliveries, clock } = start({ batchSize: 3, maxRetries: 100, faults, random: createRandom(seed) });
    broker.put(Array.from({ length: 60 }, (_, index) => message(`${index}`)));
    for (let count = 0; count < 200; count += 1) {
      await clock.pass(100);
      deliveries.at(-1)?.end();
    }
    return { ids: ids(deliveries), counts: broker.counts, backlog: broker.backlog };
  };
  const one = await run(1);
  assert.deepEqual(one, await run(1));
  assert.notDeepEqual(one.ids, (await run(2)).ids);
  const { duplicated, lost, reordered, delayed, acksLost, again, messages } = one.counts;
  for (const [what, count] of Object.entries({ duplicated, lost, reordered, delayed, acksLost })) assert.ok(count > 3, what);
  assert.equal(one.backlog, 0);
  assert.equal(again, acksLost);
  assert.equal(messages, 60 - lost + duplicated + acksLost);
});

test('a message and its copy never share a batch', async () => {
  const { broker, deliveries, clock } = start({ consumers: 2, faults: { duplicate: 1 } });
  broker.put(['a', 'b'].map(message));
  await clock.settle();
  assert.deepEqual(ids(deliveries), ['a b', 'a b']);
});

test('one more fault does not change the choices of the others', async () => {
  const lost = async (faults) => {
    const { broker, deliveries, clock } = start({ faults: { lose: 0.5, ...faults } });
    broker.put(Array.from({ length: 30 }, (_, index) => message(`${index}`)));
    await clock.settle();
    return ids(deliveries)[0];
  };
  assert.equal(await lost({}), await lost({ duplicate: 0.5 }));
});

test('closing waits for running deliveries, and delivers nothing more', async () => {
  const { broker, deliveries, clock } = start({ batchSize: 1, retryDelayMs: 10 });
  broker.put(['a', 'b'].map(message));
  await clock.settle();
  let isClosed = false;
  const closing = broker.close().then(() => { isClosed = true; });
  await clock.pass(600_000);
  assert.equal(isClosed, false);
  deliveries[0].end({ retryBatch: { retry: true } });
  await closing;
  broker.put([message('c')]);
  await clock.pass(600_000);
  assert.deepEqual(ids(deliveries), ['a']);
  await broker.close();
});

const message = (id) => ({ id, timestamp: 7, body: `body of ${id}` });
const ids = (deliveries) => deliveries.map(({ messages }) => messages.map(({ id }) => id).join(' '));

/** A broker whose deliveries end when the test says so. */
function start(options = {}) {
  const clock = fakeClock();
  const deliveries = [];
  const deliver = (messages) => new Promise((resolve, reject) => {
    const over = (how) => (value) => {
      delivery.isOver = true;
      how(value);
    };
    const delivery = {
      messages, isOver: false, end: (result) => over(resolve)({ ...OK, ...result }), fail: () => over(reject)(new Error('the handler broke')),
    };
    deliveries.push(delivery);
  });
  return { clock, deliveries, broker: new Broker({ deliver, clock, ...options }) };
}

function fakeClock() {
  let [now, next] = [0, 1];
  const timers = new Map();
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  return {
    now: () => now,
    setTimeout: (run, ms) => {
      timers.set(next, { run, at: now + ms });
      return next++;
    },
    clearTimeout: (timer) => timers.delete(timer),
    /** Lets happen what needs no time. */
    settle,
    /** Lets so much time pass, and what is due in it happen, in order. */
    pass: async (ms) => {
      const end = now + ms;
      for (;;) {
        await settle();
        const [timer, due] = [...timers].sort(([, one], [, other]) => one.at - other.at)[0] ?? [];
        if (!due || due.at > end) break;
        timers.delete(timer);
        now = due.at;
        due.run();
      }
      now = end;
    },
  };
}
