// The plans as cards with their prices, and the card that offers the next plan.

import { json } from './api.js';
import { find, make, say } from './dom.js';
import * as offer from './offers.js';
import * as session from './session.js';

let shop = { offers: [], currency: 'EUR', example: false };
/** The limit of the plan while a story waits because of it; else null. */
let pressing = null;

const period = () => document.querySelector('input[name=period]:checked').value;

const money = (amount) => new Intl.NumberFormat('en', {
  style: 'currency', currency: shop.currency, minimumFractionDigits: Number.isInteger(amount) ? 0 : 2,
}).format(amount);

/** Fetches the tiers and the prices, and shows them or the error. */
export async function load() {
  say(find('plans-fault'), '');
  try {
    const [{ tiers }, file] = await Promise.all([json('/tiers'), json('/plans.json')]);
    if (!Array.isArray(tiers)) throw new Error('The service returned no tiers.');
    const { faults, ...read } = offer.read(file, tiers);
    if (faults.length > 0) return showFaults(faults);
    shop = read;
    offerTiers();
    show();
  } catch (problem) {
    const again = make('button', { class: 'button quiet small', type: 'button', onclick: load }, 'Try again');
    find('plans-fault').replaceChildren(`The plans cannot be shown right now. ${problem.message}`, make('br'), again);
    find('plans-fault').hidden = false;
  }
}

function showFaults(faults) {
  const list = faults.map((fault) => [make('br'), fault]).flat();
  find('plans-fault').replaceChildren('The prices cannot be shown. For the operator: plans.json is invalid.', ...list);
  find('plans-fault').hidden = false;
}

/** Fills the form's choice of plans, with the same names as on the cards. */
function offerTiers() {
  const [own] = find('tier').options;
  find('tier').replaceChildren(own, ...shop.offers.map(({ tier, name }) => make('option', { value: tier }, name)));
}

function show() {
  find('plan-list').replaceChildren(...shop.offers.map(card));
  const examples = shop.example ? 'These are example prices. ' : '';
  const closed = shop.offers.every(({ checkout }) => !Object.values(checkout ?? {}).some(Boolean));
  say(find('plans-note'), `${examples}${closed ? 'Nothing can be bought here yet.' : ''}`.trim());
  showUpgrade();
}

function card(plan) {
  const list = offer.features(plan, shop.offers).map(([text, explanation], index) =>
    make('li', {}, make('span', { class: index < 2 ? 'key' : null }, text, explanation && make('small', {}, explanation))));
  return make('li', { class: plan.highlight ? 'plan best' : 'plan', 'data-tier': plan.tier },
    plan.highlight ? make('p', { class: 'badge' }, 'Recommended') : null,
    make('h3', {}, plan.name),
    plan.summary ? make('p', { class: 'summary' }, plan.summary) : null,
    ...price(plan),
    make('ul', { class: 'features' }, ...list),
    make('div', { class: 'action' }, ...action(plan)));
}

function price(plan) {
  const annual = period() === 'annual';
  const saved = plan.monthly * 12 - plan.annual;
  const terms = make('p', { class: 'terms' });
  if (plan.monthly === 0 && plan.annual === 0) terms.append('Free of charge.');
  else if (!annual) terms.append('Billed every month.');
  else {
    terms.append(`${money(plan.annual)} billed once a year. `);
    if (saved > 0) terms.append(make('b', {}, `You save ${money(saved)}.`));
  }
  // A twelfth of the annual price, rounded up to a cent, so that it never looks cheaper than it is.
  const amount = annual ? Math.max(0, Math.ceil((plan.annual / 12) * 100 - 1e-6)) / 100 : plan.monthly;
  return [make('p', { class: 'price' }, make('b', {}, money(amount)), make('span', {}, ' a month')), terms];
}

/** The button of a plan, and a line below it where one is needed. */
function action(plan) {
  const { portal } = shop;
  const pays = shop.offers.some(({ tier, ...own }) => tier === session.tier() && (own.monthly > 0 || own.annual > 0));
  if (session.tier() === plan.tier) {
    const manage = pays && portal ? [make('p', { class: 'hint' }, make('a', { href: portal }, 'Change or cancel'))] : [];
    return [make('p', { class: 'yours' }, 'Your plan'), ...manage];
  }
  // A second checkout would be a second subscription.
  if (pays && portal) return [make('a', { class: plan.highlight ? 'button' : 'button quiet', href: portal }, `Switch to ${plan.name}`)];
  const link = plan.checkout?.[period()];
  if (!link && !session.choosesTier()) return [make('p', { class: 'hint' }, `For ${plan.name}, please write to us.`)];
  if (!link) {
    const choose = (event) => {
      event.preventDefault();
      find('tier').value = plan.tier;
      session.goOn();
      find('tier').dispatchEvent(new Event('change'));
    };
    const kind = plan.highlight ? 'button' : 'button quiet';
    return [make('a', { class: kind, href: '#try', onclick: choose }, `Try ${plan.name}`)];
  }
  const user = session.userId();
  if (user === '') {
    const ask = (event) => {
      event.preventDefault();
      session.goOn();
    };
    return [
      make('a', { class: 'button', href: '#try', onclick: ask }, `Choose ${plan.name}`),
      make('p', { class: 'hint' }, 'Enter your user id or token first, so that the payment is linked to your account.'),
    ];
  }
  // Stripe silently drops any other id, and the payment would not belong to any user.
  if (!/^[A-Za-z0-9_-]{1,200}$/.test(user)) {
    return [make('p', { class: 'hint' }, `To upgrade ${user}, please write to us: this id cannot be passed on to the checkout.`)];
  }
  const address = new URL(link);
  address.searchParams.set('client_reference_id', user);
  return [make('a', { class: 'button', href: address.href }, `Upgrade to ${plan.name}`)];
}

function showUpgrade() {
  const { offers } = shop;
  const plan = offers.find(({ tier }) => tier === (session.statedTier() || session.tier())) ?? offers[0];
  const better = plan && offer.next(plan.tier, offers);
  find('upgrade').hidden = !better;
  if (!better) return;
  find('upgrade').classList.toggle('pressing', pressing !== null);
  const gains = [];
  if (better.rules.maxConcurrentJobs > plan.rules.maxConcurrentJobs) {
    gains.push(`${offer.atOnce(better.rules.maxConcurrentJobs)} instead of ${plan.rules.maxConcurrentJobs}`);
  }
  if (better.rules.priority > plan.rules.priority) gains.push(offer.place(better, offers).join(': ').replace('Gets', 'gets').replace(/\.$/, ''));
  const lead = pressing === null
    ? `Compared with ${plan.name}, you get more:`
    : `One of your stories is waiting, because ${pressing === 1 ? 'one is' : `${pressing} are`} already being made.`;
  find('upgrade').replaceChildren(
    make('h3', { id: 'upgrade-title' }, pressing === null ? `More with ${better.name}` : `Wait less with ${better.name}`),
    make('p', {}, lead),
    make('ul', { class: 'features' }, ...gains.map((gain) => make('li', {}, make('span', {}, gain)))),
    make('div', { class: 'action' }, ...action(better)),
  );
}

/** Sets the limit of the plan for which a story waits, or null. */
export function press(limit) {
  if (pressing === limit) return;
  pressing = limit;
  showUpgrade();
}

/** Shows the plans, and again whenever the period or the visitor changes. */
export function start() {
  for (const radio of document.querySelectorAll('input[name=period]')) radio.addEventListener('change', show);
  session.onChange(show);
  return load();
}
