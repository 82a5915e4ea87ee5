// What changes of a user's jobs, as it comes. An EventSource would send no credential, so the stream is read by fetch.

/** The pause before the stream is asked for again, in milliseconds; it grows while that fails. */
const PAUSE_MS = 2000;
const PAUSE_MAX_MS = 60_000;
/** A stream that says nothing for so long is dead: every 25 seconds there is a sign of life. */
const SILENCE_MS = 70_000;

/**
 * Listens at that path until `stop` is called. `changed` is called with the id of each job that has changed. Nothing is
 * lost while the stream is away: whoever asks now and then knows by `isLive` whether to ask more often.
 */
export function listen(path, headers, changed) {
  const feed = { isLive: false, last: '', ended: new AbortController() };
  run(feed, path, headers, changed);
  return { isLive: () => feed.isLive, stop: () => feed.ended.abort() };
}

async function run(feed, path, headers, changed) {
  let failures = 0;
  while (!feed.ended.signal.aborted) {
    try {
      if (await read(feed, path, headers, changed)) failures = 0;
      else failures += 1;
    } catch {
      failures = feed.isLive ? 0 : failures + 1;
    }
    feed.isLive = false;
    await new Promise((resolve) => setTimeout(resolve, Math.min(PAUSE_MS * 2 ** failures, PAUSE_MAX_MS)));
  }
}

/** Reads one stream to its end; says whether there was one. */
async function read(feed, path, headers, changed) {
  const silence = new AbortController();
  const timer = { id: 0 };
  const alive = () => {
    clearTimeout(timer.id);
    timer.id = setTimeout(() => silence.abort(), SILENCE_MS);
  };
  alive();
  try {
    const resume = feed.last === '' ? {} : { 'last-event-id': feed.last };
    const response = await fetch(path, {
      cache: 'no-store', credentials: 'same-origin', signal: AbortSignal.any([silence.signal, feed.ended.signal]),
      headers: { ...headers, ...resume, accept: 'text/event-stream' },
    });
    if (!response.ok || response.body === null) return false;
    const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
    let text = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      alive();
      const blocks = (text + part.value).split('\n\n');
      text = blocks.pop();
      for (const block of blocks) hear(feed, block, changed);
    }
    return true;
  } finally {
    clearTimeout(timer.id);
  }
}

function hear(feed, block, changed) {
  const fields = Object.fromEntries(block.split('\n').map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1).trim()]));
  if (fields.id) feed.last = fields.id;
  if (fields.event === 'live') feed.isLive = true;
  if (fields.event === 'job') changed(JSON.parse(fields.data).jobId);
}
