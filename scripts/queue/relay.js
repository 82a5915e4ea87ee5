// Stands between the local queue, the broker that takes its place, and the Worker. See ./parallel.mjs.

export default {
  /** What comes out of the queue goes to the broker. */
  async queue(batch, env) {
    const messages = batch.messages.map(({ id, timestamp, body }) => ({ id, timestamp: timestamp.getTime(), body }));
    const response = await fetch(env.BROKER, { method: 'POST', body: JSON.stringify(messages) });
    if (!response.ok) throw new Error(`the broker answered ${response.status}`);
  },

  /** What the broker delivers goes to the Worker, and what it gave up to the dead letters. */
  async fetch(request, env) {
    const { queue, messages, deadLetter } = await request.json();
    if (deadLetter === undefined) {
      return Response.json(await env.WORKER.queue(queue, messages.map((message) => ({ ...message, timestamp: new Date(message.timestamp) }))));
    }
    await env.DEAD_LETTERS?.send(deadLetter, { contentType: typeof deadLetter === 'string' ? 'text' : 'json' });
    return new Response();
  },
};
