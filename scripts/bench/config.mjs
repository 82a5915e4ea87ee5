// Copies of wrangler.toml with something else in them, for Workers that a benchmark starts. Pure.

/** The text in sections, each beginning with its `[header]`; the first has none. */
const sections = (text) => text.split(/^(?=\[)/m);

const replaced = (text, pattern, by, what) => {
  if (!pattern.test(text)) throw new Error(`wrangler.toml has no ${what}`);
  return text.replace(pattern, by);
};

/**
 * wrangler.toml as a file in any folder: it runs what is built in `root`, and builds nothing; open to anybody, without the
 * page. `vars` go over its own;
 * `maxParkedJobs` is every tier's; with `oneStage`, a story has only its first; `maxBatchTimeout` is the consumer's of stories; without `consumers`, what is sent to a queue is dropped.
 */
export function variant(text, { root, vars = {}, maxParkedJobs, oneStage = false, maxBatchTimeout, consumers = true }) {
  const kept = sections(text).filter((section) =>
    !/^\[(build|assets|secrets)\]/.test(section) && (consumers || !section.startsWith('[[queues.consumers]]')));
  return kept.map((section) => {
    if (maxBatchTimeout !== undefined && /^\[\[queues\.consumers\]\][^[]*^queue = "stories"$/m.test(section)) {
      return replaced(section, /^max_batch_timeout = \d+$/m, `max_batch_timeout = ${maxBatchTimeout}`, 'max_batch_timeout');
    }
    if (maxParkedJobs !== undefined && section.startsWith('[vars.TIERS]')) {
      return replaced(section, /maxParkedJobs = \d+/g, `maxParkedJobs = ${maxParkedJobs}`, 'maxParkedJobs');
    }
    if (oneStage && section.startsWith('[vars.KINDS]')) {
      return replaced(section, /^story = .*$/m, 'story = { stages = ["image"] }', 'kind story');
    }
    if (section.startsWith('[vars]')) {
      return Object.entries({ AUTH: 'open', ...vars }).reduce((all, [name, value]) =>
        replaced(all, new RegExp(`^${name} = ".*"$`, 'm'), `${name} = ${JSON.stringify(String(value))}`, `variable ${name}`), section);
    }
    return section.startsWith('[') ? section : replaced(section, /^main = "build/m, `main = "${root}/build`, 'main');
  }).join('');
}
