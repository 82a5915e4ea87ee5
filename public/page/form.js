// The form: its scenes, its content, and each error from the service beside its field.

import { Problem, newKey, submit } from './api.js';
import { announce, find, make, say } from './dom.js';
import * as session from './session.js';

/** More than anyone types here; the service accepts 200. */
const SCENES_MAX = 12;

const EXAMPLE = [
  'Every night at nine the cat climbed two hundred steps to the top of the lighthouse, to see that the lamp was lit.',
  'One night in the storm it was not. So she sat down in the window, and the ships followed two green eyes home.',
  'In the morning the keeper found her asleep, and a row of small boats in the harbour, every one of them safe.',
];

/** The key of the last try, kept as long as the story does not change: trying again never makes two jobs. */
let attempt = { body: '', key: '' };

const scenes = () => [...find('scenes').children];

function addScene(narration = '') {
  const item = make('li', { class: 'field' },
    make('div', { class: 'between' },
      make('label'),
      make('button', { class: 'remove', type: 'button', onclick: () => removeScene(item) }, 'Remove')),
    make('textarea', { rows: 3, value: narration }),
    make('p', { class: 'fault', hidden: true }));
  find('scenes').append(item);
  number();
  return item;
}

function removeScene(item) {
  const index = scenes().indexOf(item);
  item.remove();
  number();
  const neighbour = scenes()[Math.min(index, scenes().length - 1)];
  (neighbour?.querySelector('textarea') ?? find('add-scene')).focus();
  announce(`Scene ${index + 1} removed.`);
}

function number() {
  for (const [index, item] of scenes().entries()) {
    const [label, area, fault, remove] = ['label', 'textarea', '.fault', '.remove'].map((what) => item.querySelector(what));
    area.id = `scene-${index}`;
    fault.id = `scene-${index}-fault`;
    label.htmlFor = area.id;
    label.textContent = `Scene ${index + 1}`;
    area.setAttribute('aria-describedby', fault.id);
    remove.setAttribute('aria-label', `Remove scene ${index + 1}`);
  }
  find('add-scene').hidden = scenes().length >= SCENES_MAX;
}

/** The body: all fields as they are, because the service checks them. */
function body() {
  const size = find('size').value;
  const side = (id, index) => {
    const text = size === 'custom' ? find(id).value : size.split('x')[index];
    return text === '' ? undefined : Number(text);
  };
  const videoConfig = { width: side('width', 0), height: side('height', 1) };
  if (find('style').value !== '') videoConfig.style = find('style').value;
  const script = { title: find('title').value, scenes: scenes().map((item) => ({ narration: item.querySelector('textarea').value })) };
  const story = { userId: session.userId(), seriesId: 'try-it', script, videoConfig };
  if (session.statedTier() !== '') story.userTier = session.statedTier();
  return story;
}

/** The field that an error is about, or null if there is no visible one. */
function fieldOf({ pointer, header }) {
  if (header === 'Authorization') return find('token');
  const scene = /^\/script\/scenes\/(\d+)\//.exec(pointer ?? '');
  if (scene) return find(`scene-${scene[1]}`);
  const id = {
    '/userId': find('who-token').hidden ? 'user-id' : 'token', '/userTier': 'tier', '/script/title': 'title',
    '/videoConfig/width': 'width', '/videoConfig/height': 'height', '/videoConfig/style': 'style',
  }[pointer];
  return pointer === '/script/scenes' ? find('scenes-fault') : id ? find(id) : null;
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
  showFaults(problem.title || 'The story was not sent', [{ field, detail: `${problem.message}${again}` }]);
}

/** Sends the story, and passes the accepted job to `accepted`. */
async function send(event, accepted) {
  event.preventDefault();
  const button = find('submit');
  if (button.getAttribute('aria-disabled') === 'true') return;
  clearFaults();
  const story = body();
  const text = JSON.stringify(story);
  if (attempt.body !== text) attempt = { body: text, key: newKey() };
  button.setAttribute('aria-disabled', 'true');
  button.textContent = 'Sending …';
  try {
    const job = await submit(story, attempt.key, session.headers());
    attempt = { body: '', key: '' };
    accepted(job, story);
  } catch (problem) {
    if (!(problem instanceof Problem)) throw problem;
    showProblem(problem);
  } finally {
    button.removeAttribute('aria-disabled');
    button.textContent = 'Make the story';
  }
}

/** Makes the form work. */
export function start(accepted) {
  EXAMPLE.forEach((narration) => addScene(narration));
  find('add-scene').addEventListener('click', () => addScene().querySelector('textarea').focus());
  const size = () => { find('custom-size').hidden = find('size').value !== 'custom'; };
  find('size').addEventListener('change', size);
  size();
  find('story-form').addEventListener('submit', (event) => send(event, accepted));
}
