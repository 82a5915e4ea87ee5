// The form: what is sent, to which route, and each error from the service beside its field.

import { Problem, newKey, submit } from './api.js';
import { find, make, say } from './dom.js';
import * as episode from './episode.js';
import * as session from './session.js';
import * as story from './story.js';

/** What can be made: the part of the form about it, its route, and the words of the button. */
const KINDS = {
  story: { part: story, path: '/create-story', make: 'Make the story' },
  episode: { part: episode, path: '/create-episode', make: 'Make the episode' },
};

/** The key of the last try, kept as long as nothing changes: trying again never makes two jobs. */
let attempt = { body: '', key: '' };

const chosen = () => KINDS[document.querySelector('input[name=kind]:checked').value];

function body({ part }) {
  const common = { userId: session.userId(), seriesId: 'try-it' };
  if (session.statedTier() !== '') common.userTier = session.statedTier();
  return { ...common, ...part.body() };
}

/** The field that an error is about, or null if there is no visible one. */
function fieldOf({ pointer, header }) {
  if (header === 'Authorization') return find('token');
  const id = { '/userId': find('who-token').hidden ? 'user-id' : 'token', '/userTier': 'tier' }[pointer];
  return id ? find(id) : chosen().part.fieldOf(pointer ?? '');
}

function clearFaults() {
  find('summary').hidden = true;
  for (const field of find('story-form').querySelectorAll('[aria-invalid]')) field.removeAttribute('aria-invalid');
  for (const fault of find('story-form').querySelectorAll('.fault')) say(fault, '');
}

/** Shows the errors: each beside its field, and all of them in a summary above, which gets the focus. */
function showFaults(title, faults) {
  const inOrder = ({ field: one }, { field: other }) =>
    one && other ? (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1) : Number(!one) - Number(!other);
  faults.sort(inOrder);
  const items = faults.map(({ field, detail }) => {
    if (!field) return make('li', {}, detail);
    const place = field.classList.contains('fault') ? field : find(`${field.id}-fault`);
    say(place, place.textContent ? `${place.textContent} ${detail}` : detail);
    if (place !== field) field.setAttribute('aria-invalid', 'true');
    const go = (event) => { event.preventDefault(); field.focus(); };
    return make('li', {}, make('a', { href: `#${field.id}`, onclick: go }, `${nameOf(field)}: ${detail}`));
  });
  find('summary-title').textContent = title;
  find('summary-list').replaceChildren(...items);
  find('summary').hidden = false;
  find('summary').focus();
}

const nameOf = (field) => find('story-form').querySelector(`label[for="${field.id}"]`)?.textContent ?? 'Scenes';

function showProblem(problem) {
  const details = problem.errors.map((error) => ({ field: fieldOf(error), detail: `${error.header ? `${error.header}: ` : ''}${error.detail}` }));
  if (details.length > 0) {
    return showFaults(details.length === 1 ? 'There is 1 error' : `There are ${details.length} errors`, details);
  }
  if (problem.status === 401) {
    session.wantToken();
    return showFaults('Sign in with a token', [{ field: find('token'), detail: problem.message }]);
  }
  const isTier = problem.status === 403 && /^tier[-_]not[-_]entitled$/.test(problem.kind);
  const field = isTier && !find('who-open').hidden ? find('tier') : null;
  const again = problem.retryAfter === null ? '' : ` Try again in ${problem.retryAfter} seconds.`;
  showFaults(problem.title || 'It was not sent', [{ field, detail: `${problem.message}${again}` }]);
}

/** Sends it, and passes the accepted job to `accepted`, with what its card needs. */
async function send(event, accepted) {
  event.preventDefault();
  const button = find('submit');
  if (button.getAttribute('aria-disabled') === 'true') return;
  clearFaults();
  const kind = chosen();
  const content = body(kind);
  const text = JSON.stringify(content);
  if (attempt.body !== text) attempt = { body: text, key: newKey() };
  button.setAttribute('aria-disabled', 'true');
  button.textContent = 'Sending …';
  try {
    const job = await submit(kind.path, content, attempt.key, session.headers());
    attempt = { body: '', key: '' };
    accepted(job, kind.part.card(content));
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    showProblem(problem);
  } finally {
    button.removeAttribute('aria-disabled');
    button.textContent = kind.make;
  }
}

/** Shows the part of the form about what is chosen. */
function showKind() {
  const kind = chosen();
  for (const part of document.querySelectorAll('[data-kind]')) part.hidden = KINDS[part.dataset.kind] !== kind;
  find('submit').textContent = kind.make;
}

/** Makes the form work. */
export function start(accepted) {
  story.start();
  episode.start();
  for (const radio of document.querySelectorAll('input[name=kind]')) radio.addEventListener('change', () => { clearFaults(); showKind(); });
  // Some browsers keep what was chosen on a reload.
  showKind();
  find('story-form').addEventListener('submit', (event) => send(event, accepted));
}
