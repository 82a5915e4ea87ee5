
'use strict';
// The language of a text, its sentences, and how long they take to say.
const Sentences = (() => {
  // Chrome falls silent some 15 seconds into one utterance: longer sentences are said in parts.
  const LONGEST = 200;
  // 150 words a minute; signs that stand for syllables or words count by two.
  const MS_A_WORD = 400;
  const SIGNS = /[\u3040-\u30ff\u3400-\u9fff]/g;

  const WORDS = {
    en: 'the and of to is that it was for with', de: 'der die und das ist nicht ein zu den mit',
    fr: 'le la les des et est une que dans pour', es: 'el los las que una por con del para es',
    it: 'il che di per una con non della sono gli', nl: 'de het een van en dat niet op te zijn',
    pt: 'que não uma os para com mais dos como ao', pl: 'nie się jest na to że do jak ale przez',
    sv: 'och att det som en är på för av inte',
  };
  const SCRIPTS = [
    ['ja', /[\u3040-\u30ff]/g], ['zh', /[\u4e00-\u9fff]/g], ['ko', /[\uac00-\ud7af]/g], ['ru', /[\u0400-\u04ff]/g],
    ['el', /[\u0370-\u03ff]/g], ['he', /[\u0590-\u05ff]/g], ['ar', /[\u0600-\u06ff]/g], ['hi', /[\u0900-\u097f]/g],
    ['th', /[\u0e00-\u0e7f]/g],
  ];
  function languageOf(text) {
    const share = (signs) => (text.match(signs) || []).length / Math.max(text.length, 1);
    // Japanese has fewer of its own signs than Chinese ones, so it comes first.
    const script = SCRIPTS.find(([, signs]) => share(signs) > 0.1);
    if (script) return script[0];
    const words = text.toLowerCase().split(/[^\p{L}]+/u);
    let best = ['en', 0];
    for (const [language, common] of Object.entries(WORDS)) {
      const known = new Set(common.split(' '));
      const count = words.filter((word) => known.has(word)).length;
      if (count > best[1]) best = [language, count];
    }
    return best[0];
  }

  function of(text, language) {
    const all = window.Intl && Intl.Segmenter
      ? [...new Intl.Segmenter(language, { granularity: 'sentence' }).segment(text)].map((part) => part.segment)
      : text.match(/[^.!?。！？]*[.!?。！？]*["'”’»」)]*\s*/g).filter(Boolean);
    return all.flatMap(shortened);
  }
  // Cut behind a comma where there is one, else behind a space, else anywhere.
  function shortened(sentence) {
    const longest = (sentence.match(SIGNS) || []).length > sentence.length / 2 ? LONGEST / 3 : LONGEST;
    const parts = [];
    let rest = sentence;
    while (rest.length > longest) {
      const start = rest.slice(0, Math.floor(longest));
      const comma = Math.max(...[...',;:—–、，；'].map((mark) => start.lastIndexOf(mark)));
      const cut = comma > longest / 3 ? comma : start.lastIndexOf(' ');
      const end = cut > 0 ? cut + 1 : start.length - (/[\ud800-\udbff]$/.test(start) ? 1 : 0);
      parts.push(rest.slice(0, end));
      rest = rest.slice(end);
    }
    parts.push(rest);
    return parts;
  }

  const duration = (text) => {
    const words = text.split(/\s+/).filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
    const signs = (text.match(SIGNS) || []).length;
    return Math.max(words, signs / 2, 1) * MS_A_WORD;
  };
  return { languageOf, of, duration };
})();
