// The defaults of every setting, so that what a user writes into wrangler.toml fails no test. What a test needs otherwise,
// it says itself.

export const DEFAULTS: Record<string, string> = {
  AUTH: "open",
  JWT_ALGORITHM: "HS256",
  JWT_MAX_LIFETIME_SECONDS: "86400",
  SUBMIT_RATE_LIMIT: "auto",
  STRIPE_MODE: "auto",
  PRIORITY_BOOST_SECONDS: "1800",
  POOL_CAPACITY: "50",
  MAX_BACKLOG: "10000",
  LEASE_SECONDS: "300",
  TICKET_RESEND_SECONDS: "60",
  DELIVERY_BUDGET_SECONDS: "60",
  MAX_ATTEMPTS: "5",
  RETRY_BACKOFF_SECONDS: "10",
  OUTAGE_HOURS: "24",
  RETENTION_DAYS: "7",
  GENERATOR: "storyboard",
  STORYBOARD_PACE_MS: "0",
  WAIT_MS: "1000",
  LOG_FORMAT: "text",
  LOG_COSTS: "off",
  KINDS: JSON.stringify({
    story: { stages: ["image", "audio", "video"] },
    episode: { stages: ["process", "audio"], maxConcurrentJobs: 1 },
    still: { stages: ["image"] },
    cleanup: { stages: ["sweep"], owner: "nobody", maxConcurrentJobs: 2 },
  }),
  TIERS: "{}",
  PLANS: "{}",
};

/** `KINDS` where a story has one stage. */
export const ONE_STAGE = JSON.stringify({ story: { stages: ["image"] } });
