// What is submitted in a burst, and what the tiers are: as in wrangler.toml and bench/baseline.

/** How much older a job counts with each step of priority. */
export const BOOST_MS = 1_800_000;
export const TIERS = {
  tier1: { limit: 2, priority: 1 },
  tier2: { limit: 5, priority: 2 },
  tier3: { limit: 10, priority: 3 },
  tier4: { limit: 20, priority: 4 },
};

const inTurn = (user) => `tier${(user % 4) + 1}`;

/** Jobs of one stage of `waitMs`: `each` of every one of the `users`, on so many slots. */
export const SCENARIOS = [
  { name: 'low', waitMs: 2_000, slots: 30, users: 100, each: 2, tier: () => 'tier1' },
  { name: 'high', waitMs: 2_000, slots: 30, users: 10, each: 20, tier: () => 'tier4' },
  { name: 'mixed', waitMs: 300, slots: 10, users: 40, each: 10, tier: inTurn },
  { name: 'wide', waitMs: 3_000, slots: 100, users: 200, each: 3, tier: inTurn },
  { name: 'late', waitMs: 3_000, slots: 50, users: 200, each: 2, tier: () => 'tier1', late: { afterMs: 5_000, tier: 'tier4' } },
];

export const CONSUMERS = [1, 4, 16];

/** The jobs in the order in which they are submitted: the users in turn. */
export const jobsOf = ({ users, each, tier }) => Array.from({ length: users * each }, (_, index) => {
  const user = index % users;
  return { userId: `u${user}`, tier: tier(user) };
});
