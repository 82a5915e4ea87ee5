// Plays a finished story. Its page has its own scripts, so it runs in a frame without an origin, on the stage page,
// whose policy blocks all requests. It is fetched first and then passed to the frame, because a frame cannot send a
// token.

import { announce, find, make } from './dom.js';

let opener = null;

/** Whether a story is open. */
export const isOpen = () => !find('theatre').hidden;

/** Opens the page `html`; `ratio` is its picture's width by its height. Without one, it is a text, as tall as the window allows. */
export function open(html, title, ratio) {
  const frame = make('iframe', { title: `Player: ${title}`, src: '/page/stage', sandbox: 'allow-scripts', allow: 'fullscreen' });
  const hand = ({ source, data }) => {
    if (source !== frame.contentWindow || data !== 'ready') return;
    removeEventListener('message', hand);
    // The frame has no origin to name; this page's policy allows only the stage page in it.
    frame.contentWindow.postMessage({ html }, '*');
  };
  addEventListener('message', hand);
  const box = make('div', { class: ratio ? 'player' : 'player text' }, frame);
  if (ratio) box.style.setProperty('--ratio', String(ratio));
  find('theatre').hidden = false;
  find('screen').replaceChildren(box);
  announce(`${title}: the player is open.`);
  // Do not scroll away from a field in which the visitor is typing.
  opener = document.activeElement;
  if (!opener?.matches('input, textarea, select')) find('theatre').scrollIntoView({ block: 'nearest' });
}

function close() {
  find('screen').replaceChildren();
  find('theatre').hidden = true;
  (opener?.isConnected && opener !== document.body ? opener : find('stories-title')).focus();
}

/** Saves a file for the visitor. */
export function save(blob, name) {
  const url = URL.createObjectURL(blob);
  make('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

/** Makes the button work. */
export function start() {
  find('close-player').addEventListener('click', close);
}
