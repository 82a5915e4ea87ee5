// Compares an answer as a page shows it with what came. A page may shorten: `…` stands for whatever was left out.

const UUID = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}";
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const ANY = Symbol("any");
/** Numbers that depend on how far a run has come, or on the story. */
const VARYING = ["active", "queued", "parked", "used", "bytes", "inSeconds", "jobs"];

/** Reads JSON values and heads of HTTP answers, one after the other. */
export function read(text) {
  const items = [];
  let at = 0;
  const skip = () => { while (/\s/.test(text[at] ?? "")) at++; };
  const take = (token) => {
    skip();
    const found = text.startsWith(token, at);
    if (found) at += token.length;
    return found;
  };
  const must = (token) => {
    if (!take(token)) throw new Error(`no ${token} at ${text.slice(at, at + 40)}`);
  };
  /** Members of an object or array up to its end; `isPartial` if some were left out. */
  const members = (end, member) => {
    let isPartial = false;
    while (!take(end)) {
      if (take("…")) isPartial = true;
      else member();
      take(",");
    }
    return isPartial;
  };
  function scalar() {
    const [found] = text.slice(at).match(/^("(?:[^"\\]|\\.)*"|-?[\d.]+|true|false|null)/) ?? [];
    if (found === undefined) throw new Error(`no value at ${text.slice(at, at + 40)}`);
    at += found.length;
    return JSON.parse(found);
  }
  function value() {
    if (take("…")) return ANY;
    if (take("{")) {
      const fields = {};
      const isPartial = members("}", () => {
        skip();
        const name = scalar();
        must(":");
        fields[name] = value();
      });
      return { fields, isPartial };
    }
    if (take("[")) {
      const elements = [];
      members("]", () => elements.push(value()));
      return { elements };
    }
    skip();
    return scalar();
  }
  function head() {
    const [lines] = text.slice(at).match(/^HTTP.*(\r?\n(?!\r?\n|\{).+)*/);
    at += lines.length;
    const [first, ...rest] = lines.split(/\r?\n/);
    const headers = rest.filter((line) => line !== "…").map((line) => line.match(/^([^:]+): *(.*)$/).slice(1));
    return { status: Number(first.split(" ")[1]), headers };
  }
  for (skip(); at < text.length; skip()) items.push(text.startsWith("HTTP", at) ? head() : value());
  return items;
}

/** How the answers that came differ from those that the page shows, as lines. */
export function differences(shown, came) {
  const expected = read(shown);
  // What is not shown need not be JSON.
  const found = expected.length === 0 ? [] : read(came);
  return expected.flatMap((item, index) =>
    item.headers === undefined ? differ(item, found[index], "") : differInHead(item, found[index] ?? {}));
}

function differInHead({ status, headers }, found) {
  const came = new Map((found.headers ?? []).map(([name, value]) => [name.toLowerCase(), value]));
  const wrong = headers.filter(([name, value]) => came.get(name.toLowerCase()) !== value).map(([name]) => `header ${name}`);
  return found.status === status ? wrong : [`status ${found.status}`, ...wrong];
}

function differ(shown, came, path) {
  if (shown === ANY || shown === null) return came === undefined ? [`${path} is missing`] : [];
  if (came === undefined || came === null) return [`${path} is ${came}`];
  if (shown.fields !== undefined) return differInFields(shown, came, path);
  if (shown.elements !== undefined) {
    if (came.elements === undefined) return [`${path} is no array`];
    return shown.elements.flatMap((element, index) => {
      const tries = came.elements.map((other) => differ(element, other, `${path}[${index}]`));
      return tries.find((wrong) => wrong.length === 0) ?? tries[0] ?? [`${path} is empty`];
    });
  }
  const varies = typeof shown === "number" && VARYING.includes(path.split("/").pop());
  if (varies && typeof came === "number") return [];
  const isSame = typeof shown === "string" ? typeof came === "string" && pattern(shown).test(came) : shown === came;
  return isSame ? [] : [`${path} is ${JSON.stringify(came)}, not ${JSON.stringify(shown)}`];
}

function differInFields(shown, came, path) {
  if (came.fields === undefined) return [`${path} is no object`];
  const wrong = Object.entries(shown.fields).flatMap(([name, value]) => differ(value, came.fields[name], `${path}/${name}`));
  const more = shown.isPartial ? [] : Object.keys(came.fields).filter((name) => !(name in shown.fields));
  return [...wrong, ...more.map((name) => `${path}/${name} is not shown`)];
}

/** An id or a time stands for any other. */
function pattern(shown) {
  const plain = shown.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const ids = plain.replace(new RegExp(UUID, "g"), UUID).replace(/[0-9a-f]{8}-…/g, "…");
  const times = ids.replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\\\.\d{3}Z/g, TIME);
  return new RegExp(`^${times.replace(/…/g, ".*")}$`, "s");
}
