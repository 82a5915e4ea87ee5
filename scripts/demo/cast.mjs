// Who takes part: as many jobs in every tier, so that their waits can be compared, and below the highest each user with
// more than may run at once.

import { randomUUID } from 'node:crypto';

const USERS = [
  ...users('tier4', 12, ['studio-aurora']),
  ...users('tier3', 12, ['harbour-press']),
  ...users('tier2', 6, ['mara', 'yusuf']),
  ...users('tier1', 3, ['theo', 'ines', 'paul', 'aiko']),
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
      seen: { active: 0, parked: 0, maxActive: 0, overLimit: 0 },
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

function users(tier, jobs, names) {
  return names.map((name) => ({ name, tier, jobs }));
}

function limitOf(tiers, name) {
  const tier = tiers.find((each) => each.tier === name);
  if (!tier) throw new Error(`GET /tiers does not list ${name}`);
  return tier.maxConcurrentJobs;
}
