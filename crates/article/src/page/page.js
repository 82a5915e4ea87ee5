(() => {
  const find = (id) => document.getElementById(id);
  const [player, seek, play, clock, speed, chapterBox, voiceBox, trouble, now] =
    ['player', 'seek', 'play', 'clock', 'speed', 'chapter', 'voice', 'trouble', 'now'].map(find);
  const speech = window.speechSynthesis;

  const language = Sentences.languageOf(find('text').textContent.slice(0, 5000));
  find('text').lang = language;
  document.querySelector('h1').lang = language;

  // What is said, in order: { span, text, chapter, at: milliseconds from the beginning }.
  const said = [];
  const chapters = [];
  let total = 0;
  for (const element of document.querySelectorAll('h1, #text h2, #text h3, #text p')) {
    if (element.tagName === 'H2') {
      chapters.push({ title: element.textContent, first: said.length });
      if (element.classList.contains('unseen')) continue;
    }
    const texts = Sentences.of(element.textContent, language);
    const spans = texts.map((text) => {
      const span = document.createElement('span');
      span.textContent = text;
      said.push({ span, text, chapter: Math.max(chapters.length - 1, 0), at: total });
      total += Sentences.duration(text);
      return span;
    });
    element.replaceChildren(...spans);
  }
  const places = new Map(said.map((part, index) => [part.span, index]));

  // Where we are, and whether we speak; `turn` tells an utterance of before from the present one.
  let index = 0, word = 0, playing = false, turn = 0, voices = [], heard = -1, ended = false, begun = false, scrolledAt = -Infinity, shown = null;

  const time = (ms) => {
    const seconds = Math.round(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  };
  const rate = () => Number(speed.value);

  function render() {
    const part = said[index];
    if (shown !== part) {
      if (shown) {
        shown.span.classList.remove('now');
        shown.span.textContent = shown.text;
      }
      shown = part;
    }
    part.span.classList.toggle('now', begun);
    const from = time(part.at / rate()), to = time(total / rate());
    const chapter = chapters[part.chapter];
    seek.value = index;
    seek.setAttribute('aria-valuetext', `Sentence ${index + 1} of ${said.length}, ${chapter.title}`);
    clock.textContent = `${from} / ${to}`;
    chapterBox.value = part.chapter;
    if (heard !== part.chapter) {
      heard = part.chapter;
      if (chapters.length > 1) now.textContent = `Chapter ${heard + 1} of ${chapters.length}: ${chapter.title}`;
    }
  }

  // The word that is spoken, from this place of the sentence on.
  function markWord(start, length) {
    const { span, text } = said[index];
    const rest = text.slice(start);
    const end = start + (length || (rest.match(/^[^\s.,;:!?。、]+/) || [''])[0].length);
    if (end <= start) return;
    const mark = document.createElement('mark');
    mark.textContent = text.slice(start, end);
    span.replaceChildren(text.slice(0, start), mark, text.slice(end));
  }

  function follow() {
    if (performance.now() - scrolledAt < 5000) return;
    const box = said[index].span.getBoundingClientRect();
    const top = getComputedStyle(player).position === 'sticky' ? player.getBoundingClientRect().bottom : 0;
    if (box.top < top || box.bottom > innerHeight * 0.9) {
      const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
      said[index].span.scrollIntoView({ block: 'center', behavior: still ? 'auto' : 'smooth' });
    }
  }

  function speak() {
    turn += 1;
    const own = turn;
    const from = word;
    const utterance = new SpeechSynthesisUtterance(said[index].text.slice(from));
    const voice = voices.find((one) => one.voiceURI === voiceBox.value);
    if (voice) utterance.voice = voice;
    utterance.lang = voice ? voice.lang : language;
    utterance.rate = rate();
    const isOwn = () => own === turn && playing;
    utterance.addEventListener('boundary', (event) => {
      if (!isOwn() || (event.name && event.name !== 'word')) return;
      word = from + event.charIndex;
      markWord(word, event.charLength);
    });
    utterance.addEventListener('end', () => {
      if (!isOwn()) return;
      word = 0;
      if (index + 1 < said.length) {
        index += 1;
        start();
      } else {
        stop();
        ended = true;
        now.textContent = 'The end.';
      }
    });
    utterance.addEventListener('error', (event) => {
      if (!isOwn() || ['canceled', 'interrupted'].includes(event.error)) return;
      stop();
      say(event.error === 'not-allowed'
        ? 'The browser did not allow this page to speak. Press Play once more.'
        : 'This voice stopped working. Choose another voice, then press Play.');
    });
    // A browser may drop an utterance that nobody holds, and its events with it.
    window.spoken = utterance;
    speech.speak(utterance);
    render();
    follow();
  }

  // After a cancel, Chrome loses what is said at once; without one, Safari wants it within the click.
  function start() {
    if (!speech.speaking && !speech.pending) return speak();
    turn += 1;
    const own = turn;
    speech.cancel();
    setTimeout(() => { if (own === turn && playing) speak(); }, 60);
    return render();
  }

  function stop() {
    playing = false;
    turn += 1;
    if (speech) speech.cancel();
    showPlaying();
  }

  function showPlaying() {
    player.classList.toggle('playing', playing);
    play.setAttribute('aria-label', playing ? 'Pause' : 'Play');
  }

  function toggle() {
    if (play.getAttribute('aria-disabled') === 'true') return;
    if (playing) {
      stop();
      now.textContent = 'Paused.';
      return;
    }
    say('');
    playing = begun = true;
    if (ended) index = 0;
    ended = false;
    now.textContent = '';
    showPlaying();
    start();
  }

  function jump(to) {
    index = Math.min(Math.max(to, 0), said.length - 1);
    word = 0;
    begun = true;
    ended = false;
    scrolledAt = -Infinity;
    if (playing) start();
    else {
      render();
      follow();
    }
  }
  const toChapter = (by) => {
    const chapter = chapters[Math.min(Math.max(said[index].chapter + by, 0), chapters.length - 1)];
    jump(chapter.first);
  };
  const faster = (by) => {
    speed.selectedIndex = Math.min(Math.max(speed.selectedIndex + by, 0), speed.length - 1);
    changed();
  };
  // A new speed or voice goes on with the same word.
  const changed = () => (playing ? start() : render());

  function say(text) {
    trouble.hidden = !text;
    trouble.textContent = text;
  }

  function readVoices() {
    voices = speech ? speech.getVoices() : [];
    const chosen = voiceBox.value;
    const fits = (voice) => voice.lang.toLowerCase().replace('_', '-').split('-')[0] === language;
    const order = (voice) => (fits(voice) ? 0 : 4) + (voice.localService ? 0 : 1) + (voice.default ? 0 : 2);
    voices = [...voices].sort((one, other) => order(one) - order(other) || one.name.localeCompare(other.name));
    voiceBox.replaceChildren(...voices.map((voice) => new Option(`${voice.name} (${voice.lang})`, voice.voiceURI)));
    if (voices.some((voice) => voice.voiceURI === chosen)) voiceBox.value = chosen;
    const none = voices.length === 0;
    play.setAttribute('aria-disabled', String(none));
    find('voices').hidden = none;
    return !none;
  }
  function voicesChanged() {
    if (readVoices()) say(voices[0].lang.toLowerCase().startsWith(language) ? '' : 'This browser has no voice for the language of this text; another one reads it.');
    else say('This browser has no voice to read aloud with. Open this page in another browser, or add a voice in the settings of your system; the text is below.');
  }

  const keys = {
    ' ': toggle, k: toggle,
    ArrowLeft: () => jump(index - 1), ArrowRight: () => jump(index + 1),
    '[': () => toChapter(-1), ']': () => toChapter(1),
    '-': () => faster(-1), '+': () => faster(1), '=': () => faster(1),
    Home: () => jump(0), End: () => jump(said.length - 1),
  };
  document.addEventListener('keydown', (event) => {
    const action = keys[event.key];
    const inBox = event.target.closest('select');
    const native = event.target.closest('button, summary, a') ? [' '] : event.target === seek ? ['ArrowLeft', 'ArrowRight', 'Home', 'End'] : [];
    const scrolls = event.target.closest('pre') && event.key.startsWith('Arrow');
    if (!action || inBox || scrolls || native.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  play.addEventListener('click', toggle);
  find('before').addEventListener('click', () => jump(index - 1));
  find('after').addEventListener('click', () => jump(index + 1));
  seek.addEventListener('input', () => jump(Number(seek.value)));
  chapterBox.addEventListener('change', () => jump(chapters[Number(chapterBox.value)].first));
  speed.addEventListener('change', changed);
  voiceBox.addEventListener('change', changed);
  document.addEventListener('click', (event) => {
    const place = places.get(event.target.closest('span, mark')?.closest('#text span, h1 span'));
    if (place !== undefined && String(getSelection()) === '') jump(place);
  });
  for (const kind of ['wheel', 'touchmove']) {
    addEventListener(kind, () => { scrolledAt = performance.now(); }, { passive: true });
  }
  addEventListener('pagehide', stop);

  seek.max = said.length - 1;
  chapterBox.append(...chapters.map((chapter, at) => new Option(chapter.title, at)));
  find('chapters').hidden = chapters.length < 2;
  player.hidden = false;
  render();
  if (!speech) voicesChanged();
  else {
    // Browsers load their voices after the page; some have none, and never say so.
    if (readVoices()) voicesChanged();
    else setTimeout(voicesChanged, 2000);
    if (speech.addEventListener) speech.addEventListener('voiceschanged', voicesChanged);
    else speech.onvoiceschanged = voicesChanged;
  }
})();
