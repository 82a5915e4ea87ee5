// What a Wasm module is made of, and what `wrangler check startup` says. Pure.

const NAMES = ['custom', 'type', 'import', 'function', 'table', 'memory', 'global', 'export', 'start', 'element', 'code', 'data', 'data count', 'tag'];

/** An unsigned LEB128 at `at`: the number, and where it ends. */
function leb(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return [value, at];
  }
}

/** The sections of a module in order; a custom one has the name that it gives itself. */
export function sections(module) {
  if (module.subarray(0, 4).toString('latin1') !== '\0asm') throw new Error('not a Wasm module');
  const found = [];
  for (let at = 8; at < module.length;) {
    const kind = module[at];
    const [length, from] = leb(module, at + 1);
    let name = NAMES[kind] ?? `section ${kind}`;
    if (kind === 0) {
      const [own, text] = leb(module, from);
      name = module.subarray(text, text + own).toString('utf8');
    }
    found.push({ name, bytes: module.subarray(from, from + length) });
    at = from + length;
  }
  return found;
}

/** The milliseconds of a start-up profile in which the Worker was active. */
export function startup(text) {
  const active = /Active: ([\d.]+) ms/.exec(text);
  if (!active) throw new Error(`no profile in what wrangler said:\n${text}`);
  return Number(active[1]);
}
