
'use strict';
(() => {
  const find = (id) => document.getElementById(id);
  const [player, seek, play, clock, chapterBox, now] = ['player', 'seek', 'play', 'clock', 'chapter', 'now'].map(find);

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

  // Where we are: the sentence, the word that is reached, and the one from which the voice was asked to go on.
  let index = 0, word = 0, from = 0, playing = false, heard = -1, ended = false, begun = false, scrolledAt = -Infinity, shown = null;

  const voice = Voice({
    language,
    silent: 'This browser has no voice to read aloud with. Open this page in another browser, or add a voice in the settings of your system; the text is below.',
    word(start, length) {
      word = from + start;
      markWord(word, length);
    },
    end() {
      word = 0;
      if (index + 1 < said.length) {
        index += 1;
        start();
      } else {
        stop();
        ended = true;
        now.textContent = 'The end.';
      }
    },
    fail: stop,
    // A new speed or voice goes on with the same word.
    change: () => (playing ? start() : render()),
  });

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
    const [passed, whole] = [part.at, total].map((ms) => clockTime(ms / voice.rate()));
    const chapter = chapters[part.chapter];
    seek.value = index;
    seek.setAttribute('aria-valuetext', `Sentence ${index + 1} of ${said.length}, ${chapter.title}`);
    clock.textContent = `${passed} / ${whole}`;
    play.setAttribute('aria-disabled', String(!voice.isThere()));
    chapterBox.value = part.chapter;
    if (heard !== part.chapter) {
      heard = part.chapter;
      if (chapters.length > 1) now.textContent = `Chapter ${heard + 1} of ${chapters.length}: ${chapter.title}`;
    }
  }

  // The word that is spoken, from this place of the sentence on.
  function markWord(start, length) {
    const { span, text } = said[index];
    const end = start + length;
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

  function start() {
    from = word;
    voice.say(said[index].text.slice(from));
    render();
    follow();
  }

  function stop() {
    playing = false;
    voice.hush();
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

  onKeys({
    ' ': toggle, k: toggle,
    ArrowLeft: () => jump(index - 1), ArrowRight: () => jump(index + 1),
    '[': () => toChapter(-1), ']': () => toChapter(1),
    '-': () => voice.faster(-1), '+': () => voice.faster(1), '=': () => voice.faster(1),
    Home: () => jump(0), End: () => jump(said.length - 1),
  });
  play.addEventListener('click', toggle);
  find('before').addEventListener('click', () => jump(index - 1));
  find('after').addEventListener('click', () => jump(index + 1));
  seek.addEventListener('input', () => jump(Number(seek.value)));
  chapterBox.addEventListener('change', () => jump(chapters[Number(chapterBox.value)].first));
  document.addEventListener('click', (event) => {
    const place = places.get(event.target.closest('span, mark')?.closest('#text span, h1 span'));
    if (place !== undefined && String(getSelection()) === '') jump(place);
  });
  for (const kind of ['wheel', 'touchmove']) {
    addEventListener(kind, () => { scrolledAt = performance.now(); }, { passive: true });
  }

  seek.max = said.length - 1;
  chapterBox.append(...chapters.map((chapter, at) => new Option(chapter.title, at)));
  find('chapters').hidden = chapters.length < 2;
  player.hidden = false;
  render();
  voice.start();
})();
