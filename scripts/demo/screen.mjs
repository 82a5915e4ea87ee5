// What the terminal shows: a block redrawn in place, or sparse plain lines where there is no terminal.

import { styleText } from 'node:util';
import { hasEnded } from './play.mjs';

const REDRAW_MS = 100;
const PLAIN_LINE_MS = 2_000;
const BLOCK_WIDTH = 76;
const CELLS = [
  { name: 'done', char: '█', style: 'green' },
  { name: 'running', char: '▓', style: 'yellow' },
  { name: 'queued', char: '·', style: 'gray' },
  { name: 'parked', char: '░', style: 'blue' },
  { name: 'failed', char: '×', style: 'red' },
];

/** Shows progress until the returned function is called. */
export function showProgress(stream, cast) {
  const since = Date.now();
  // Lines that wrap cannot be redrawn in place.
  const redraws = stream.isTTY && stream.columns > BLOCK_WIDTH;
  let drawn = 0;
  const draw = () => {
    const lines = redraws ? block(stream, cast, since) : [plainLine(cast, since)];
    const back = redraws && drawn > 0 ? `\x1b[${drawn}A` : '';
    drawn = lines.length;
    stream.write(back + lines.map((line) => (redraws ? `\x1b[2K${line}\n` : `${line}\n`)).join(''));
  };
  const timer = setInterval(draw, redraws ? REDRAW_MS : PLAIN_LINE_MS);
  return () => {
    clearInterval(timer);
    draw();
  };
}

function block(stream, cast, since) {
  const legend = CELLS.map((cell) => `${paint(stream, cell, cell.char)} ${cell.name}`).join('  ');
  return [
    `${'tier'.padEnd(7)}${'user'.padEnd(15)}${'jobs'.padEnd(27)}active  parked  done`,
    ...cast.map((user) => {
      const { submissions, seen, tier, name, limit } = user;
      const cells = CELLS.map((cell) => ({ ...cell, count: submissions.filter((each) => cellOf(each) === cell.name).length }));
      const bar = cells.map((cell) => paint(stream, cell, cell.char.repeat(cell.count))).join('');
      const gap = ' '.repeat(Math.max(1, 27 - submissions.length));
      const active = `${seen.active}/${limit}`.padStart(6);
      const done = `${cells[0].count}/${submissions.length}`;
      return `${tier.padEnd(7)}${name.padEnd(15)}${bar}${gap}${active}${String(seen.parked).padStart(8)}  ${done.padStart(5)}`;
    }),
    `${legend}  ${seconds(since)}`,
  ];
}

function plainLine(cast, since) {
  const tiers = [...Map.groupBy(cast, ({ tier }) => tier)].map(([tier, users]) => {
    const all = users.flatMap(({ submissions }) => submissions);
    const count = (name) => all.filter((each) => cellOf(each) === name).length;
    return `${tier} ${count('running')} running ${count('parked')} parked ${all.filter(hasEnded).length}/${all.length} ended`;
  });
  return `${seconds(since).padStart(7)}  ${tiers.join(' | ')}`;
}

function cellOf({ job }) {
  switch (job?.status) {
    case 'succeeded': return 'done';
    case 'failed': case 'cancelled': case 'expired': return 'failed';
    case 'running': return 'running';
    case 'parked': return 'parked';
    default: return 'queued';
  }
}

/** The table of `rows` from judge(). */
export function table(rows) {
  const heads = ['tier', 'users', 'jobs', 'succeeded', 'limit', 'max active', 'parked', 'wait p50', 'wait p95'];
  const lines = [heads, ...rows.map((row) => [
    row.tier, row.users, row.jobs, row.succeeded, row.limit, row.maxActive, row.parked,
    milliseconds(row.waitMs.p50), milliseconds(row.waitMs.p95),
  ])];
  const widths = heads.map((_, column) => Math.max(...lines.map((line) => String(line[column]).length)));
  return lines.map((line) => line.map((cell, column) => String(cell).padStart(widths[column])).join('   ')).join('\n');
}

const paint = (stream, { style }, text) => (text === '' ? '' : styleText(style, text, { stream }));
const seconds = (since) => `${((Date.now() - since) / 1000).toFixed(1)} s`;
const milliseconds = (value) => (value === null ? '-' : `${Math.round(value)} ms`);
