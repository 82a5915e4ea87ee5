// The part of the form about a story: its scenes and its look.

import { announce, find, make } from './dom.js';

/** More than anyone types here; the service accepts 200. */
const SCENES_MAX = 12;

const EXAMPLE = [
  'Every night at nine the cat climbed two hundred steps to the top of the lighthouse, to see that the lamp was lit.',
  'One night in the storm it was not. So she sat down in the window, and the ships followed two green eyes home.',
  'In the morning the keeper found her asleep, and a row of small boats in the harbour, every one of them safe.',
];

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

/** What is sent, besides whom it is for: all fields as they are, because the service checks them. */
export function body() {
  const size = find('size').value;
  const side = (id, index) => {
    const text = size === 'custom' ? find(id).value : size.split('x')[index];
    return text === '' ? undefined : Number(text);
  };
  const videoConfig = { width: side('width', 0), height: side('height', 1) };
  if (find('style').value !== '') videoConfig.style = find('style').value;
  const script = { title: find('title').value, scenes: scenes().map((item) => ({ narration: item.querySelector('textarea').value })) };
  return { script, videoConfig };
}

/** What the card of a story that was sent needs. */
export const card = ({ script, videoConfig: { width, height } }) => ({ title: script.title, ratio: width / height });

/** The field that an error is about. */
export function fieldOf(pointer) {
  const scene = /^\/script\/scenes\/(\d+)\//.exec(pointer);
  if (scene) return find(`scene-${scene[1]}`);
  if (pointer === '/script/scenes') return find('scenes-fault');
  const id = {
    '/script/title': 'title', '/videoConfig/width': 'width', '/videoConfig/height': 'height', '/videoConfig/style': 'style',
  }[pointer];
  return id ? find(id) : null;
}

/** Makes its fields work. */
export function start() {
  EXAMPLE.forEach((narration) => addScene(narration));
  find('add-scene').addEventListener('click', () => addScene().querySelector('textarea').focus());
  const size = () => { find('custom-size').hidden = find('size').value !== 'custom'; };
  find('size').addEventListener('change', size);
  size();
}
