// Stands between the Worker and the world, as the platform does, and goes as wrong as it may.
//
// It hands on every request and every delivered batch, each second batch twice: at once, or some time after the
// first. POST /duplicate puts tickets on both queues; POST /evict?user= throws one gate out of memory, once it answers
// nobody; POST /abort breaks all objects, those of the bucket, too, with the calls they are in; POST /out has the
// generator be out until POST /back; POST /spoil has every stage fail for good until then.

import unsafe from 'workerd:unsafe';

const QUEUES = ['FIRST', 'SECOND'];
const LATEST_REPEAT_MS = 2_000;
/** While it is there, the generator is out; while it cannot be read, every stage that begins fails for good. */
const OUTAGE = 'tests/outage.json';

let deliveries = 0;

export default {
  async fetch(request, env) {
    const { pathname, searchParams } = new URL(request.url);
    switch (pathname) {
      case '/duplicate': {
        const bodies = await request.json();
        for (const queue of QUEUES) await env[queue].sendBatch(bodies.map((body) => ({ body, contentType: 'text' })));
        return done();
      }
      case '/evict':
        return unsafe.evict(env.GATES.getByName(searchParams.get('user'))).then(done, refuse);
      case '/abort':
        return unsafe.abortAllDurableObjects().then(done, refuse);
      case '/out':
        return env.ARTIFACTS.put(OUTAGE, '{}').then(done);
      case '/spoil':
        return env.ARTIFACTS.put(OUTAGE, 'no outage').then(done);
      case '/back':
        return env.ARTIFACTS.delete(OUTAGE).then(done);
      default:
        return env.APP.fetch(request);
    }
  },

  async queue(batch, env) {
    const messages = batch.messages.map(({ id, timestamp, body, attempts }) => ({ id, timestamp, body, attempts }));
    const deliver = () => env.APP.queue('stories', messages);
    deliveries += 1;
    const [answer] = await Promise.all([deliver(), deliveries % 2 === 0 && again(messages.length, deliver)]);
    settle(batch, answer);
  },
};

/** What comes of it counts for nothing: the first delivery settled the messages. */
async function again(count, deliver) {
  const pause = deliveries % 4 === 0 ? 0 : Math.random() * LATEST_REPEAT_MS;
  if (pause > 0) await scheduler.wait(pause);
  console.log(`[Operator] A batch of ${count} delivered twice, ${pause > 0 ? 'later' : 'at once'}`);
  await deliver();
}

/** As the Worker settled the messages. */
function settle(batch, { outcome, retryBatch, retryMessages }) {
  if (outcome !== 'ok' || retryBatch.retry) return batch.retryAll();
  const pauses = new Map(retryMessages.map(({ msgId, delaySeconds }) => [msgId, delaySeconds]));
  for (const message of batch.messages) {
    if (pauses.has(message.id)) message.retry({ delaySeconds: pauses.get(message.id) });
    else message.ack();
  }
}

const done = () => new Response(null, { status: 204 });
const refuse = () => new Response(null, { status: 409 });
