// The workload that all systems of the comparison get.

export const QUEUE = 'stories';
export const LIMITS = { tier1: 2, tier2: 5, tier3: 10, tier4: 20 };
export const PRIORITIES = { tier1: 1, tier2: 2, tier3: 3, tier4: 4 };
export const TIER_DEFAULT = 'tier1';
export const [USERS_PER_TIER, JOBS_PER_USER, WORK_MS] = [10, 50, 20];
export const [PROCESSES, HANDLERS] = [2, 32];
/** After how long BullMQ looks again at a job whose user was at the limit. */
export const RETRY_MS = 100;

/** All jobs, the users in turn. */
export const workload = () => Array.from({ length: JOBS_PER_USER }, (_, round) =>
  Object.keys(LIMITS).flatMap((tier) => Array.from({ length: USERS_PER_TIER }, (__, index) =>
    ({ jobId: `${tier}-${index}-${round}`, userId: `${tier}-${index}`, tier })))).flat();
