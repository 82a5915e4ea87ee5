// Replaces itself with the page that it receives. It runs without an origin: see _headers.

'use strict';

addEventListener('message', ({ source, data }) => {
  if (source !== parent || typeof data?.html !== 'string') return;
  document.open();
  document.write(data.html);
  document.close();
}, { once: true });

parent.postMessage('ready', '*');
