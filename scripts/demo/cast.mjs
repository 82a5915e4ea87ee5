// Who takes part: users of every tier, most of them with more jobs than they may run at once.

import { randomUUID } from 'node:crypto';

const USERS = [
  { name: 'studio-aurora', tier: 'tier4', jobs: 25 },
  { name: 'harbour-press', tier: 'tier3', jobs: 12 },
  { name: 'mara', tier: 'tier2', jobs: 7 },
  { name: 'theo', tier: 'tier1', jobs: 6 },
  { name: 'ines', tier: 'tier1', jobs: 1 },
];

/** The users with their stories to submit. `tiers` is the answer of GET /tiers, the limits to judge by. */
export function buildCast(examples, tiers) {
  // A Worker that outlives the demo remembers its users: new ids keep the runs apart.
  const run = Date.now().toString(36);
  return USERS.map(({ name, tier, jobs }, position) => {
    const userId = `${name}.${run}`;
    const story = (index) => examples[(position + index) % examples.length].body;
    return {
      name,
      userId,
      tier,
      limit: limitOf(tiers, tier),
      pollFault: null,
      seen: { active: 0, parked: 0, maxActive: 0, samples: 0, overLimit: 0 },
      submissions: Array.from({ length: jobs }, (_, index) => ({
        key: randomUUID(),
        body: { ...story(index), userId, userTier: tier },
        jobId: null,
        acceptedTier: null,
        job: null,
        refusal: null,
      })),
    };
  });
}

function limitOf(tiers, name) {
  const tier = tiers.find((each) => each.tier === name);
  if (!tier) throw new Error(`GET /tiers does not list ${name}`);
  return tier.maxConcurrentJobs;
}
