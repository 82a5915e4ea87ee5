// Submits jobs to a Worker through HTTP, as clients do.

/** Submissions under way at once. */
const CLIENTS = 16;

/** `KINDS` where a story has one stage. */
export const ONE_STAGE = JSON.stringify({ story: { stages: ['image'] } });

const story = {
  seriesId: 's', script: { title: 'T', scenes: [{ narration: 'The lamp is lit.' }] }, videoConfig: { width: 640, height: 360 },
};

/** The request that submits one job. */
export const submission = (userId, userTier) => ({
  method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ userId, userTier, ...story }),
});

/** Submits one job; resolves with whether it was accepted. */
export async function submitOne(url, userId, userTier) {
  const response = await fetch(`${url}/create-story`, submission(userId, userTier));
  await response.arrayBuffer();
  return response.status === 202;
}

/** Submits every user's jobs, some at a time and the users in turn; resolves with how many were accepted. */
export async function submit(url, load) {
  const rounds = Math.max(...load.map(({ jobs }) => jobs));
  const all = Array.from({ length: rounds }, (_, round) => load.filter(({ jobs }) => round < jobs)).flat();
  let next = 0;
  let accepted = 0;
  await Promise.all(Array.from({ length: CLIENTS }, async () => {
    while (next < all.length) {
      const { userId, tier } = all[next++];
      if (await submitOne(url, userId, tier)) accepted += 1;
    }
  }));
  return accepted;
}
