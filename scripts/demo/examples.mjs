// The stories in examples/: each file is a POST /create-story body, checked here before it is sent.

import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

const STYLES = ['watercolor', 'noir', 'papercut', 'retro', 'ink', 'pastel'];
const SIZES = ['1280x720', '1920x1080', '1080x1920', '1080x1080'];
const TIERS = ['tier1', 'tier2', 'tier3', 'tier4'];
const ID = /^[A-Za-z0-9._:|@+=~-]{1,128}$/;
const MAX_TITLE = 200;
const MAX_TEXT = 5000;

/** All examples in the order of their file names. Throws one error that lists every fault of every file. */
export function loadExamples(folder) {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json')).sort();
  const faults = names.length === 0 ? [`${folder}: no example found`] : [];
  const examples = names.map((name) => {
    const body = parse(readFileSync(join(folder, name), 'utf8'));
    faults.push(...faultsOf(body).map((fault) => `${name}: ${fault}`));
    return { name, body };
  });
  if (faults.length > 0) throw new Error(`The examples have errors:\n  ${faults.join('\n  ')}`);
  return examples;
}

function parse(text) {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** What is wrong with a body, one sentence per fault; stricter than the Worker, which takes any style and size. */
export function faultsOf(body) {
  if (!isObject(body)) return ['is not a JSON object'];
  return [
    ...unknownFields('', body, ['userId', 'seriesId', 'userTier', 'script', 'videoConfig']),
    ...check(ID.test(body.userId), '/userId is not a valid id'),
    ...check(ID.test(body.seriesId), '/seriesId is not a valid id'),
    ...check(body.userTier === undefined || TIERS.includes(body.userTier), '/userTier is not a tier'),
    ...scriptFaults(body.script),
    ...videoFaults(body.videoConfig),
  ];
}

function scriptFaults(script) {
  if (!isObject(script)) return ['/script is missing'];
  const scenes = Array.isArray(script.scenes) ? script.scenes : [];
  return [
    ...unknownFields('/script', script, ['title', 'scenes']),
    ...check(isText(script.title, MAX_TITLE), `/script/title is not a string of 1 to ${MAX_TITLE} characters`),
    ...check(scenes.length >= 4 && scenes.length <= 12, `/script/scenes has ${scenes.length} scenes, not 4 to 12`),
    ...scenes.flatMap((scene, index) => sceneFaults(`/script/scenes/${index}`, scene)),
  ];
}

function sceneFaults(at, scene) {
  if (!isObject(scene)) return [`${at} is not an object`];
  const { narration, imagePrompt, durationSeconds } = scene;
  return [
    ...unknownFields(at, scene, ['narration', 'imagePrompt', 'durationSeconds']),
    ...check(isText(narration, MAX_TEXT), `${at}/narration is not a string of 1 to ${MAX_TEXT} characters`),
    ...check(imagePrompt === undefined || isText(imagePrompt, MAX_TEXT), `${at}/imagePrompt is not a string of 1 to ${MAX_TEXT} characters`),
    ...check(durationSeconds === undefined || within(durationSeconds, 1, 60), `${at}/durationSeconds is not 1 to 60`),
  ];
}

function videoFaults(video) {
  if (!isObject(video)) return ['/videoConfig is missing'];
  const size = `${video.width}x${video.height}`;
  return [
    ...unknownFields('/videoConfig', video, ['width', 'height', 'fps', 'style', 'voice']),
    ...check(SIZES.includes(size), `/videoConfig: ${size} is not one of ${SIZES.join(', ')}`),
    ...check(STYLES.includes(video.style), `/videoConfig/style is not one of ${STYLES.join(', ')}`),
    ...check(video.fps === undefined || within(video.fps, 1, 60), '/videoConfig/fps is not 1 to 60'),
    ...check(video.voice === undefined || isText(video.voice, 100), '/videoConfig/voice is not a string of 1 to 100 characters'),
  ];
}

const check = (holds, fault) => (holds ? [] : [fault]);
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);
const isText = (value, max) => typeof value === 'string' && value.trim() !== '' && [...value].length <= max;
const within = (value, low, high) => Number.isFinite(value) && value >= low && value <= high;

// The Worker keeps unknown fields, so a misspelt one would pass unseen.
function unknownFields(at, object, known) {
  return Object.keys(object)
    .filter((key) => !known.includes(key))
    .map((key) => `${at}/${key} is not a known field`);
}
