
'use strict';
(() => {
  const find = (id) => document.getElementById(id);
  const { scenes, width, height } = JSON.parse(find('story').textContent);
  const total = scenes.length ? scenes[scenes.length - 1].end : 0;
  const main = document.querySelector('main');
  const frames = document.querySelectorAll('template');
  const [stage, slides, caption, seek, clock] = ['stage', 'slides', 'caption', 'seek', 'clock'].map(find);
  const BREATH_MS = 600, STEP_MS = 50;
  // When we are; until when the story goes on by itself, and how fast. A voice that speaks sets both.
  let position = 0, limit = Infinity, pace = 1;
  // In the text of the scene: where the voice was asked to begin, and the word that it has reached.
  let said = 0, word = 0, wordEnd = 0;
  let playing = false, timer = 0, before = 0, shownScene = -1, shownText = null, captions = true;

  scenes.forEach(readCaptions);
  const language = Sentences.languageOf(scenes.map(({ text }) => text).join(' ').slice(0, 5000));
  scenes.forEach(readSentences);

  const sceneAt = (ms) => {
    const index = scenes.findIndex((scene) => ms < scene.end);
    return index < 0 ? scenes.length - 1 : index;
  };
  const captionAt = (scene, ms) => scene.cues.find((cue) => ms < cue.end);
  const captionOf = ({ cues }, place) => cues.find((cue) => place <= cue.at + cue.text.length) || cues[cues.length - 1];

  // What is said of a scene is what its captions show, without their lines; each begins then, and there in the text.
  function readCaptions(scene) {
    const isSign = (char) => /[\u3040-\u30ff\u3400-\u9fff]/.test(char);
    const lines = scene.cues.map(({ text }) => text).join('\n');
    scene.text = lines.replace(/\n/g, (_, at) => (isSign(lines[at - 1]) && isSign(lines[at + 1]) ? '\u200b' : ' '));
    let at = 0, { start } = scene;
    for (const cue of scene.cues) {
      Object.assign(cue, { at, start });
      at += cue.text.length + 1;
      start = cue.end;
    }
  }
  function readSentences(scene) {
    let end = 0;
    scene.parts = Sentences.of(scene.text, language).map((text) => {
      end += text.length;
      return { at: end - text.length, end, text };
    }).filter(({ text }) => /[\p{L}\p{N}]/u.test(text));
  }

  // When that place of a scene's text is reached.
  function timeOf(scene, place) {
    const { at, text, start, end } = captionOf(scene, place);
    return start + (end - start) * (place - at) / (text.length + 1);
  }

  const voice = Voice({
    language,
    silent: 'This browser has no voice to read aloud with, so the story plays without sound. Add one in the settings of your system, or use another browser.',
    word(start, length) {
      word = said + start;
      wordEnd = word + length;
      position = Math.max(position, Math.min(timeOf(scenes[shownScene], word), limit));
      render();
    },
    end() {
      word = wordEnd = scenes[shownScene].parts.find(({ end }) => said < end).end;
      tell();
    },
    fail: () => setPlaying(false),
    // A new speed or voice goes on with the same word.
    change: () => (playing ? tell() : render()),
  });

  // Says the next sentence of the scene, for which the picture waits. After the last one the story goes on by itself.
  function tell() {
    const scene = scenes[sceneAt(position)];
    const part = voice.isThere() && scene.parts.find(({ end }) => word < end);
    if (part) {
      said = Math.max(word, part.at);
      const text = part.text.slice(said - part.at);
      position = timeOf(scene, said);
      limit = Math.max(position, Math.min(timeOf(scene, part.end), scene.end - BREATH_MS));
      pace = (limit - position) / Sentences.duration(text);
      voice.say(text);
    } else {
      voice.hush();
      pace = 1;
      limit = voice.isThere() ? scene.end : Infinity;
      if (voice.isThere() && scene.parts.length) position = Math.max(position, scene.end - BREATH_MS);
    }
    render();
  }

  const dots = scenes.map((scene, index) => {
    const dot = document.createElement('button');
    dot.type = 'button';
    dot.title = `Scene ${index + 1}`;
    dot.setAttribute('aria-label', `Scene ${index + 1} of ${scenes.length}`);
    dot.addEventListener('click', () => jump(scene.start));
    find('dots').append(dot);
    return dot;
  });

  function showScene(index) {
    if (index === shownScene || !frames[index]) return;
    shownScene = index;
    const slide = document.createElement('div');
    slide.append(frames[index].content.cloneNode(true));
    slides.append(slide);
    // The slide below stays until the new one covers it.
    while (slides.children.length > 2) slides.firstChild.remove();
    setTimeout(() => { while (slide.previousSibling) slide.previousSibling.remove(); }, 800);
    dots.forEach((dot, at) => {
      dot.classList.toggle('seen', at < index);
      if (at === index) dot.setAttribute('aria-current', 'true');
      else dot.removeAttribute('aria-current');
    });
    const strip = find('dots');
    strip.scrollLeft = dots[index].offsetLeft - strip.offsetLeft - strip.clientWidth / 2;
    const read = voice.isThere() ? '' : `: ${scenes[index].text}`;
    find('now').textContent = `Scene ${index + 1} of ${scenes.length}${read}`;
  }

  // A caption, and in it the word that is spoken.
  function showText(cue) {
    const { at, text } = cue || { at: 0, text: '' };
    const [from, to] = [word - at, wordEnd - at];
    const parts = from >= 0 && from < to ? [text.slice(0, from), text.slice(from, to), text.slice(to)] : [text];
    if (parts.join('\0') === shownText) return;
    shownText = parts.join('\0');
    caption.replaceChildren();
    if (!text) return;
    const span = document.createElement('span');
    span.append(...parts.map((part, index) => {
      if (index !== 1) return part;
      const mark = document.createElement('mark');
      mark.textContent = part;
      return mark;
    }));
    caption.append(span);
  }

  function render() {
    const index = sceneAt(position);
    if (index < 0) return;
    showScene(index);
    const scene = scenes[index];
    showText(captions && (wordEnd > word ? captionOf(scene, word) : captionAt(scene, position)));
    seek.value = position;
    seek.style.setProperty('--done', `${(100 * position) / total}%`);
    seek.setAttribute('aria-valuetext', `${clockTime(position)} of ${clockTime(total)}, scene ${index + 1}`);
    clock.textContent = `${clockTime(position)} / ${clockTime(total)}`;
  }

  function jump(ms) {
    position = Math.min(Math.max(ms, 0), Math.max(total - 1, 0));
    const scene = scenes[sceneAt(position)];
    const cue = scene && captionAt(scene, position);
    word = wordEnd = cue ? cue.at : 0;
    if (playing) tell();
    else render();
  }

  function step(by) {
    const index = sceneAt(position) + by;
    if (scenes[index]) jump(scenes[index].start);
    else if (by < 0) jump(0);
  }

  function setPlaying(on) {
    playing = on && total > 0;
    if (playing && position >= total - 1) position = word = wordEnd = 0;
    main.classList.toggle('playing', playing);
    const label = playing ? 'Pause' : 'Play';
    find('play').setAttribute('aria-label', label);
    find('cover').setAttribute('aria-label', label);
    clearInterval(timer);
    if (!playing) return voice.hush();
    before = performance.now();
    timer = setInterval(tick, STEP_MS);
    return tell();
  }

  function tick() {
    const now = performance.now();
    const scene = sceneAt(position);
    position = Math.max(position, Math.min(position + (now - before) * pace * voice.rate(), limit));
    before = now;
    if (position >= total - 1) {
      position = total - 1;
      setPlaying(false);
    } else if (sceneAt(position) !== scene) {
      word = wordEnd = 0;
      return tell();
    }
    return render();
  }

  function toggleCaptions() {
    captions = !captions;
    find('captions').setAttribute('aria-pressed', String(captions));
    render();
  }

  function toggleFull() {
    if (document.fullscreenElement) document.exitFullscreen();
    else if (stage.requestFullscreen) stage.requestFullscreen();
  }

  onKeys({
    ' ': () => setPlaying(!playing), k: () => setPlaying(!playing),
    ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    '-': () => voice.faster(-1), '+': () => voice.faster(1), '=': () => voice.faster(1),
    Home: () => jump(0), End: () => jump(total),
    c: toggleCaptions, f: toggleFull,
  });
  ['play', 'cover'].forEach((id) => find(id).addEventListener('click', () => setPlaying(!playing)));
  find('previous').addEventListener('click', () => step(-1));
  find('next').addEventListener('click', () => step(1));
  find('captions').addEventListener('click', toggleCaptions);
  find('full').addEventListener('click', toggleFull);
  seek.addEventListener('input', () => jump(Number(seek.value)));

  main.style.setProperty('--ratio', width / height);
  seek.max = Math.max(total - 1, 0);
  find('facts').textContent = `${scenes.length} ${scenes.length === 1 ? 'scene' : 'scenes'} · ${clockTime(total)}`;
  render();
  voice.start();
})();
