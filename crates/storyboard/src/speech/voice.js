
'use strict';
// The browser's own voices: which one reads, how fast, and what it says now. `silent` is what a visitor is told without one.
// `word(start, length)`, `end()` and `fail(message)` follow what was said last; `change()` follows another speed or voice.
const Voice = ({ language, silent, word, end, fail, change }) => {
  const [speed, box, trouble] = ['speed', 'voice', 'trouble'].map((id) => document.getElementById(id));
  const speech = window.speechSynthesis;
  let voices = [], turn = 0;

  const isThere = () => voices.length > 0;
  const rate = () => Number(speed.value);
  const base = (language) => language.toLowerCase().split(/[-_]/)[0];

  function tell(message) {
    trouble.hidden = !message;
    trouble.textContent = message;
  }

  function speak(text, own) {
    const utterance = new SpeechSynthesisUtterance(text);
    const voice = voices.find((one) => one.voiceURI === box.value);
    if (voice) utterance.voice = voice;
    utterance.lang = voice ? voice.lang : language;
    utterance.rate = rate();
    const on = (kind, act) => utterance.addEventListener(kind, (event) => { if (own === turn) act(event); });
    on('boundary', ({ name, charIndex, charLength }) => {
      if (name && name !== 'word') return;
      word(charIndex, charLength || text.slice(charIndex).match(/^[^\s.,;:!?。、]*/)[0].length);
    });
    on('end', end);
    on('error', ({ error }) => {
      if (['canceled', 'interrupted'].includes(error)) return;
      fail();
      tell(error === 'not-allowed'
        ? 'The browser did not allow this page to speak. Press Play once more.'
        : 'This voice stopped working. Choose another voice, then press Play.');
    });
    // A browser may drop an utterance that nobody holds, and its events with it.
    window.spoken = utterance;
    speech.speak(utterance);
  }

  // After a cancel, Chrome loses what is said at once; without one, Safari wants it within the click.
  function say(text) {
    tell('');
    turn += 1;
    const own = turn;
    if (!speech.speaking && !speech.pending) return speak(text, own);
    speech.cancel();
    return setTimeout(() => { if (own === turn) speak(text, own); }, 60);
  }

  function hush() {
    turn += 1;
    if (speech) speech.cancel();
  }

  function faster(by) {
    speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.length - 1);
    change();
  }

  function readVoices() {
    const wasThere = isThere();
    const chosen = box.value;
    const fits = (voice) => base(voice.lang) === language;
    const order = (voice) => (fits(voice) ? 0 : 4) + (voice.localService ? 0 : 1) + (voice.default ? 0 : 2);
    voices = speech ? [...speech.getVoices()] : [];
    voices.sort((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
    box.replaceChildren(...voices.map((voice) => new Option(`${voice.name} (${voice.lang})`, voice.voiceURI)));
    if (voices.some((voice) => voice.voiceURI === chosen)) box.value = chosen;
    document.getElementById('voices').hidden = !isThere();
    if (isThere()) tell(fits(voices[0]) ? '' : 'This browser has no voice for the language of this text; another one reads it.');
    else tell(silent);
    if (isThere() !== wasThere) change();
  }

  /** Looks for voices; `change` follows, if there are some. */
  function start() {
    speed.addEventListener('change', change);
    box.addEventListener('change', change);
    addEventListener('pagehide', hush);
    // Browsers load their voices after the page; some have none, and never say so.
    if (!speech || speech.getVoices().length) readVoices();
    else setTimeout(readVoices, 2000);
    if (!speech) return;
    if (speech.addEventListener) speech.addEventListener('voiceschanged', readVoices);
    else speech.onvoiceschanged = readVoices;
  }
  return { isThere, rate, say, hush, faster, start };
};

/** Minutes and seconds. */
const clockTime = (ms) => {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
};

/** What keys do, where the focused element has no use for them. */
const onKeys = (actions) => document.addEventListener('keydown', (event) => {
  const { key, target } = event;
  const isOwn = target.closest('select')
    || (target.closest('button, summary, a') && key === ' ')
    || (target.type === 'range' && /^(Arrow|Home|End)/.test(key))
    || (target.closest('pre') && key.startsWith('Arrow'));
  if (!actions[key] || isOwn || event.ctrlKey || event.metaKey || event.altKey) return;
  event.preventDefault();
  actions[key]();
});
