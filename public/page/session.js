// Who the visitor is: a user id and a chosen plan, or a token. Kept only in the memory of this tab.

import { json, userPath } from './api.js';
import { find, say } from './dom.js';

const session = { account: null, of: '', shown: '' };
const listeners = [];

/** Calls back whenever the visitor, or their account, changes. */
export const onChange = (listener) => listeners.push(listener);

/** Only if something visible changed: the listeners redraw, and a changed figure must not take the focus away. */
function changed() {
  const shown = JSON.stringify([withToken(), userId(), tier(), statedTier()]);
  if (session.shown === shown) return;
  session.shown = shown;
  listeners.forEach((listener) => listener());
}

const withToken = () => document.querySelector('input[name=who]:checked').value === 'token';
const token = () => find('token').value.trim().replace(/^Bearer\s+/i, '');

/** The id of the user, or an empty string while it is not known. */
export const userId = () => (withToken() ? decode(token()).sub ?? '' : find('user-id').value.trim());

/** Whether the visitor may choose a tier; with a token, the service knows it. */
export const choosesTier = () => !withToken();

/** The tier that the visitor chose for the next story, if any. */
export const statedTier = () => (withToken() ? '' : find('tier').value);

/** The headers of each request. */
export const headers = () => (withToken() && token() !== '' ? { authorization: `Bearer ${token()}` } : {});

/** The account of the user as last read from the service, or null. */
export const account = () => (session.of === userId() ? session.account : null);

/** The user's tier, as far as the page knows it. */
export const tier = () => account()?.tier ?? null;

/** Moves the focus to the field for the user, or to the title if that is filled in. */
export function goOn() {
  const who = find(withToken() ? 'token' : 'user-id');
  (who.value === '' ? who : find('title')).focus();
}

/** Shows the fields for a token. */
export function wantToken() {
  document.querySelector('input[name=who][value=token]').checked = true;
  showFields();
}

/**
 * The claims of a token. The service decides whether it is valid; this only saves typing the user id twice.
 */
export function decode(text) {
  if (text === '') return {};
  const parts = text.split('.');
  if (parts.length !== 3) return { fault: 'This does not look like a token. A token has three parts separated by dots.' };
  try {
    const bytes = Uint8Array.from(atob(parts[1].replaceAll('-', '+').replaceAll('_', '/')), (char) => char.charCodeAt(0));
    const { sub, exp } = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof sub !== 'string' || sub === '') return { fault: 'The token has no user (“sub”).' };
    if (typeof exp === 'number' && exp * 1000 <= Date.now()) return { sub, fault: 'The token has expired; get a new one.' };
    return { sub };
  } catch {
    return { fault: 'The token cannot be read. Was it copied completely?' };
  }
}

function showFields() {
  find('who-token').hidden = !withToken();
  find('who-open').hidden = withToken();
}

/** Reads the user's account. Errors are not shown here: the form shows them when it is sent. */
export async function refresh() {
  const user = userId();
  if (user === '' || (withToken() && decode(token()).fault)) return forget();
  try {
    const account = await json(userPath(user), { headers: headers() });
    if (user === userId()) Object.assign(session, { account, of: user });
  } catch {
    if (user === userId()) return forget();
  }
  show();
}

function forget() {
  Object.assign(session, { account: null, of: '' });
  show();
}

function show() {
  const { sub, fault } = withToken() ? decode(token()) : {};
  const known = account();
  const name = known && ([...find('tier').options].find(({ value }) => value === known.tier)?.text ?? known.tier);
  say(find('account'), known ? describe(known, name) : sub && !fault ? `This token is for ${sub}.` : '');
  changed();
}

function describe({ userId: user, limit, active, parked, plan, quota }, name) {
  const parts = [`${user} is on ${name}`, `${active} of ${limit} being made`];
  if (parked > 0) parts.push(`${parked} parked`);
  const kind = plan?.accountType;
  if (kind && kind !== 'standard') parts.push(`${kind} account`);
  if (plan?.subscription?.status) parts.push(`subscription ${plan.subscription.status.replaceAll('_', ' ')}`);
  const month = quota?.kinds?.story?.jobsPerMonth;
  if (month?.limit > 0) parts.push(`${month.used} of ${month.limit} this month`);
  return parts.join(' · ');
}

/** Listens to the fields. */
export function start() {
  for (const radio of document.querySelectorAll('input[name=who]')) {
    radio.addEventListener('change', () => { showFields(); refresh(); });
  }
  find('user-id').addEventListener('change', refresh);
  find('token').addEventListener('change', () => {
    say(find('token-fault'), decode(token()).fault ?? '');
    refresh();
  });
  find('tier').addEventListener('change', changed);
  // Some browsers keep typed values on a reload.
  showFields();
  if (userId() !== '') refresh();
}
