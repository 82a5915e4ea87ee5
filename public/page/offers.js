// The plans for sale: /plans.json, which the operator writes, checked against the tiers of the service.

/** The periods that a plan may be paid by. */
export const PERIODS = ['monthly', 'annual'];

const MOST = { name: 40, summary: 120, feature: 120, features: 8, price: 1_000_000 };

/**
 * The offers, lowest priority first, or all errors in the file, one sentence each.
 * An offer is a plan with `rules`, the rules of its tier from /tiers.
 */
export function read(file, tiers) {
  const faults = [];
  const fault = (at, what) => faults.push(`${at} ${what}`);
  const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const known = (at, value, names) => {
    for (const name of Object.keys(value)) {
      if (!names.includes(name)) fault(`${at}${name}`, `is unknown; allowed are ${names.join(', ')}.`);
    }
  };
  const text = (at, value, most) => {
    if (typeof value !== 'string' || value.trim() === '' || value.length > most) fault(at, `must be a string of 1 to ${most} characters.`);
  };

  function checkCurrency(currency) {
    try {
      new Intl.NumberFormat('en', { style: 'currency', currency });
    } catch {
      fault('currency', 'must be a currency code of three letters, such as EUR.');
    }
  }

  function checkLink(at, link) {
    if (link === null || link === undefined) return;
    if (typeof link !== 'string' || !URL.canParse(link) || new URL(link).protocol !== 'https:') {
      fault(at, 'must be an https URL, or null.');
    }
  }

  function checkPlan(plan, at) {
    if (!isObject(plan)) return fault(at, 'must be an object.');
    known(`${at}.`, plan, ['tier', 'name', 'summary', 'monthly', 'annual', 'features', 'highlight', 'checkout']);
    if (!tiers.some(({ tier }) => tier === plan.tier)) {
      fault(`${at}.tier`, `must be one of ${tiers.map(({ tier }) => tier).join(', ')}.`);
    }
    text(`${at}.name`, plan.name, MOST.name);
    if (plan.summary !== undefined) text(`${at}.summary`, plan.summary, MOST.summary);
    for (const period of PERIODS) {
      const price = plan[period];
      if (typeof price !== 'number' || !(price >= 0 && price <= MOST.price)) {
        fault(`${at}.${period}`, `must be a price from 0 to ${MOST.price}, for the whole ${period === 'annual' ? 'year' : 'month'}.`);
      }
    }
    const features = plan.features ?? [];
    if (!Array.isArray(features) || features.length > MOST.features) fault(`${at}.features`, `must be a list of at most ${MOST.features} strings.`);
    else features.forEach((feature, index) => text(`${at}.features[${index}]`, feature, MOST.feature));
    if (![undefined, true, false].includes(plan.highlight)) fault(`${at}.highlight`, 'must be true or false.');
    if (plan.checkout !== undefined && !isObject(plan.checkout)) return fault(`${at}.checkout`, 'must be an object.');
    known(`${at}.checkout.`, plan.checkout ?? {}, PERIODS);
    for (const period of PERIODS) checkLink(`${at}.checkout.${period}`, plan.checkout?.[period]);
  }

  if (!isObject(file)) return { faults: ['The file must be a JSON object.'] };
  known('', file, ['currency', 'example', 'plans', 'portal']);
  checkCurrency(file.currency);
  if (![undefined, true, false].includes(file.example)) fault('example', 'must be true or false.');
  checkLink('portal', file.portal);
  if (!Array.isArray(file.plans) || file.plans.length === 0) fault('plans', 'must be a list of plans.');
  else file.plans.forEach((plan, index) => checkPlan(plan, `plans[${index}]`));
  if (faults.length > 0) return { faults };

  const sold = file.plans.map(({ tier }) => tier);
  const twice = sold.filter((tier, index) => sold.indexOf(tier) !== index);
  if (twice.length > 0) return { faults: twice.map((tier) => `plans: ${tier} is listed twice.`) };

  const offers = file.plans.map((plan) => ({ ...plan, rules: tiers.find(({ tier }) => tier === plan.tier) }));
  offers.sort((one, other) => one.rules.priority - other.rules.priority || one.rules.maxConcurrentJobs - other.rules.maxConcurrentJobs);
  return { faults, offers, currency: file.currency, example: file.example === true, portal: file.portal ?? null };
}

const count = (number) => number.toLocaleString('en');

/** Quotas as in /tiers, of a story and of the tier, where 0 means none. */
const QUOTAS = [
  ['jobsPerMonth', (limit) => `${count(limit)} ${limit === 1 ? 'story' : 'stories'} a month`, 'As many stories a month as you like'],
  ['maxChars', (limit) => `Up to ${count(limit)} characters a story`, 'Stories of any length'],
  ['maxParkedJobs', (limit) => `Up to ${count(limit)} stories waiting`, 'As many stories waiting as you like'],
];

/** What the offer gives, for customers: `[text, explanation or null]` each. */
export function features(offer, offers) {
  const list = [[atOnce(offer.rules.maxConcurrentJobs), 'Further stories wait in line, and none is lost.'], place(offer, offers)];
  for (const [quota, some, none] of QUOTAS) {
    const of = ({ rules }) => rules.quotas?.story?.[quota] ?? rules[quota] ?? 0;
    const limit = of(offer);
    // A quota that is the same in every plan is not shown.
    const differs = offers.some((other) => of(other) !== limit);
    if (differs) list.push([limit > 0 ? some(limit) : none, null]);
  }
  return [...list, ...(offer.features ?? []).map((feature) => [feature, null])];
}

/** How many stories are made at once. */
export const atOnce = (limit) => (limit === 1 ? '1 story at a time' : `${count(limit)} stories at once`);

/** The place in the queue. */
export function place(offer, offers) {
  const behind = offers.filter(({ rules }) => rules.priority < offer.rules.priority).map(({ name }) => name);
  if (behind.length === 0) return ['Standard place in the queue', 'The longer a story has waited, the sooner its turn comes.'];
  return ['Priority processing', `Gets a head start on ${new Intl.ListFormat('en').format(behind)}.`];
}

/** The offer above that of the tier, or null at the top and for a tier that is not for sale. */
export function next(tier, offers) {
  const index = offers.findIndex((offer) => offer.tier === tier);
  return index < 0 ? null : offers[index + 1] ?? null;
}
