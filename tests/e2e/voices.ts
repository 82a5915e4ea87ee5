// Stands in for the voice that Chromium lacks here: it speaks when the test says so.

import type { Page } from "./browser";

/** Gives every page of the visitor one voice. */
export const giveVoice = (page: Page) => page.addInitScript(() => {
  class Utterance extends EventTarget {
    constructor(public text: string) { super(); }
  }
  let spoken: Utterance | undefined;
  const tell = (type: string, more = {}) => spoken?.dispatchEvent(Object.assign(new Event(type), more));
  const speech = Object.assign(new EventTarget(), {
    speaking: false, pending: false,
    getVoices: () => [{ name: "Ava", lang: "en-US", voiceURI: "ava", localService: true, default: true }],
    speak(utterance: Utterance) {
      spoken = utterance;
      speech.speaking = true;
    },
    cancel() {
      tell("error", { error: "canceled" });
      spoken = undefined;
      speech.speaking = false;
    },
    spoken: () => spoken,
    reach: (word: string) => tell("boundary", { name: "word", charIndex: spoken!.text.indexOf(word), charLength: word.length }),
    finish() {
      speech.speaking = false;
      tell("end");
    },
  });
  Object.defineProperty(window, "speechSynthesis", { value: speech });
  Object.assign(window, { SpeechSynthesisUtterance: Utterance });
});

/** What is being said, and how fast. */
export const said = (page: Page) => page.evaluate(() => {
  const { text, rate } = (speechSynthesis as any).spoken() ?? {};
  return text === undefined ? undefined : { text, rate };
});
/** The voice reaches that word. */
export const reach = (page: Page, word: string) => page.evaluate((word) => { (speechSynthesis as any).reach(word); }, word);
/** The voice has said what it was asked to say. */
export const finish = (page: Page) => page.evaluate(() => { (speechSynthesis as any).finish(); });
