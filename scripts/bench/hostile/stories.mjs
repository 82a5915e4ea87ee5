// An ordinary story, and the worst that are known.

const scenes = (count, narration) => Array.from({ length: count }, () => ({ narration }));
const story = (all, { width, height } = { width: 1280, height: 720 }) => ({
  seriesId: 's', script: { title: 'A night at sea', scenes: all }, videoConfig: { width, height },
});

export const ordinary = story(scenes(6, 'Rain falls on the harbour. A lamp is lit in the lighthouse, and the boats come home.'));

/** The worst stories, by name; of the first ones, each is submitted so often. */
export const HOSTILE = {
  'control characters': [6, story(scenes(34, `a${'\u007f\n'.repeat(2499)}`))],
  'dots': [6, story(scenes(50, '.'.repeat(5000)))],
  'byte order marks': [4, story(scenes(50, '\ufeff\n'.repeat(1000)))],
  'many large scenes': [30, story(scenes(200, 'x'), { width: 4096, height: 4096 })],
  'many small words': [4, story(scenes(50, 'a '.repeat(2400)))],
};

/** The submission of a story. */
export const request = (userId, userTier, body, headers = {}) => ({
  method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ userId, userTier, ...body }),
});
