
'use strict';
(() => {
  const find = (id) => document.getElementById(id);
  const { scenes, width, height } = JSON.parse(find('story').textContent);
  const total = scenes.length ? scenes[scenes.length - 1].end : 0;
  const main = document.querySelector('main');
  const frames = document.querySelectorAll('template');
  const [stage, slides, caption, seek, clock] = ['stage', 'slides', 'caption', 'seek', 'clock'].map(find);
  let position = 0, playing = false, before = 0, shownScene = -1, shownText = null, captions = true;

  const time = (ms) => {
    const seconds = Math.floor(ms / 1000);
    return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  };
  const sceneAt = (ms) => {
    const index = scenes.findIndex((scene) => ms < scene.end);
    return index < 0 ? scenes.length - 1 : index;
  };

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
    find('now').textContent = `Scene ${index + 1} of ${scenes.length}: ${scenes[index].cues.map((cue) => cue.text).join(' ')}`;
  }

  function showText(text) {
    if (text === shownText) return;
    shownText = text;
    caption.replaceChildren();
    if (!text) return;
    const span = document.createElement('span');
    span.textContent = text;
    caption.append(span);
  }

  function render() {
    const index = sceneAt(position);
    if (index < 0) return;
    showScene(index);
    const cue = captions && scenes[index].cues.find((cue) => position < cue.end);
    showText(cue ? cue.text : '');
    seek.value = position;
    seek.style.setProperty('--done', `${(100 * position) / total}%`);
    seek.setAttribute('aria-valuetext', `${time(position)} of ${time(total)}, scene ${index + 1}`);
    clock.textContent = `${time(position)} / ${time(total)}`;
  }

  function jump(ms) {
    position = Math.min(Math.max(ms, 0), Math.max(total - 1, 0));
    render();
  }

  function step(by) {
    const index = sceneAt(position) + by;
    if (scenes[index]) jump(scenes[index].start);
    else if (by < 0) jump(0);
  }

  function setPlaying(on) {
    playing = on && total > 0;
    if (playing && position >= total - 1) position = 0;
    main.classList.toggle('playing', playing);
    const label = playing ? 'Pause' : 'Play';
    find('play').setAttribute('aria-label', label);
    find('cover').setAttribute('aria-label', label);
    if (playing) {
      before = performance.now();
      requestAnimationFrame(tick);
    }
  }

  function tick(now) {
    if (!playing) return;
    position += Math.max(now - before, 0);
    before = now;
    if (position >= total - 1) {
      position = total - 1;
      setPlaying(false);
    }
    render();
    if (playing) requestAnimationFrame(tick);
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

  const keys = {
    ' ': () => setPlaying(!playing), k: () => setPlaying(!playing),
    ArrowLeft: () => step(-1), ArrowRight: () => step(1),
    Home: () => jump(0), End: () => jump(total),
    c: toggleCaptions, f: toggleFull,
  };
  document.addEventListener('keydown', (event) => {
    const native = event.target.closest('button') ? [' '] : event.target === seek ? ['ArrowLeft', 'ArrowRight', 'Home', 'End'] : [];
    const action = keys[event.key];
    if (!action || native.includes(event.key) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    action();
  });
  ['play', 'cover'].forEach((id) => find(id).addEventListener('click', () => setPlaying(!playing)));
  find('previous').addEventListener('click', () => step(-1));
  find('next').addEventListener('click', () => step(1));
  find('captions').addEventListener('click', toggleCaptions);
  find('full').addEventListener('click', toggleFull);
  seek.addEventListener('input', () => jump(Number(seek.value)));

  main.style.setProperty('--ratio', width / height);
  seek.max = Math.max(total - 1, 0);
  find('facts').textContent = `${scenes.length} ${scenes.length === 1 ? 'scene' : 'scenes'} · ${time(total)}`;
  render();
})();
