// The part of the form about an episode: the text that is read.

import { find } from './dom.js';

const source = () => document.querySelector('input[name=source]:checked').value;

/** What is sent, besides whom it is for. */
export function body() {
  if (source() === 'url') return { source: { type: 'url', url: find('url').value } };
  const title = find('episode-title').value.trim();
  const text = { type: 'paste', text: find('text').value };
  return { source: title === '' ? text : { ...text, title } };
}

/** What the card of an episode that was sent needs. */
export function card({ source: { title, text, url } }) {
  const firstLine = (text ?? '').trim().split('\n')[0].replace(/^#+ /, '');
  const name = title ?? url ?? firstLine;
  return { title: name.length > 60 ? `${name.slice(0, 59)}…` : name };
}

/** The field that an error is about. */
export function fieldOf(pointer) {
  const id = { '/source/url': 'url', '/source/text': 'text', '/source/title': 'episode-title' }[pointer];
  return id ? find(id) : null;
}

/** Makes its fields work. */
export function start() {
  const show = () => {
    find('source-paste').hidden = source() !== 'paste';
    find('source-url').hidden = source() !== 'url';
  };
  for (const radio of document.querySelectorAll('input[name=source]')) radio.addEventListener('change', show);
  // Some browsers keep what was chosen on a reload.
  show();
}
