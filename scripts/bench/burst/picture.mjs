// A burst's results as an SVG: above, the capacity that worked, for each scenario and number of consumers, and the wait
// of the job that came late; below, the waits of the tiers where all of them submit. Pure.

import { idealOf } from './table.mjs';

const KINDS = [
  ['ideal', '#999999', 'the ideal'],
  ['ours', '#1b6fb3', 'this Worker'],
  ['obvious', '#d95f02', 'obvious design, which has no capacity'],
];
const [WIDTH, HEIGHT, LEFT, TOP, BETWEEN, ROW] = [168, 190, 58, 74, 44, 292];
const USED_MAX = 1.2;
/** Seconds on the axis of waits; what is less stands at its foot. */
const [WAIT_MIN, WAIT_MAX] = [0.01, 1000];
const TIERS = ['tier1', 'tier2', 'tier3', 'tier4'];

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;
const middle = 'text-anchor="middle"';
const round = (number) => Math.round(number * 10) / 10;
/** A value as it stands over a mark that has no room for it. */
const short = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(1));

/** Axes: from 0 to `USED_MAX`, and the logarithm of a wait. */
const USED = { place: (value) => Math.min(1, value / USED_MAX), ticks: [0, 0.2, 0.4, 0.6, 0.8, 1] };
const WAIT = {
  place: (value) => Math.min(1, Math.max(0, Math.log10(Math.max(value, WAIT_MIN) / WAIT_MIN) / Math.log10(WAIT_MAX / WAIT_MIN))),
  ticks: [0.01, 0.1, 1, 10, 100, 1000],
};

/** The picture of those runs, with the ideal of each of this Worker's. */
export function picture(runs) {
  const values = [...runs, ...runs.filter(({ worker }) => worker === 'ours').map(idealOf)];
  const scenarios = [...new Set(runs.map(({ scenario }) => scenario))];
  const consumers = [...new Set(runs.map(({ consumers }) => consumers))];
  const find = (scenario, count, worker) =>
    values.find((run) => run.scenario === scenario && run.consumers === count && run.worker === worker);
  const byConsumers = (scenario, of) =>
    KINDS.map(([worker]) => consumers.map((count) => of(find(scenario, count, worker)) ?? null));

  const used = scenarios.map((scenario) => ({
    title: scenario, axis: USED, names: consumers, below: 'consumers', bars: byConsumers(scenario, (run) => run?.used),
  }));
  const late = {
    title: 'late: its one job of tier4 waits', axis: WAIT, unit: ' s', names: consumers, below: 'consumers',
    bars: byConsumers('late', (run) => run?.lateS),
  };
  const hasAllTiers = (scenario) => TIERS.every((tier) => find(scenario, consumers[0], 'ours')?.waitP95S[tier] !== undefined);
  const waits = scenarios.filter(hasAllTiers).flatMap((scenario) => consumers.map((count) => ({
    title: `${scenario}, ${count} consumer${count === 1 ? '' : 's'}`, axis: WAIT, unit: ' s',
    names: TIERS.map((tier) => tier.slice(4)), below: 'tier',
    bars: KINDS.map(([worker]) => TIERS.map((tier) => find(scenario, count, worker)?.waitP95S[tier] ?? null)),
  })));
  const rows = [
    ['share of the capacity that worked while jobs waited', scenarios.includes('late') ? [...used, late] : used],
    ['wait from submission to work, p95, seconds', waits],
  ].filter(([, panels]) => panels.length > 0);
  return draw(rows);
}

function draw(rows) {
  const width = LEFT + Math.max(...rows.map(([, panels]) => panels.length)) * (WIDTH + BETWEEN);
  const height = TOP + rows.length * ROW - 8;
  const legend = KINDS.map(([, colour, name], index) =>
    `<rect x="${LEFT + index * 150}" y="14" width="12" height="12" fill="${colour}"/>${text(LEFT + 18 + index * 150, 24, name)}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
      + ' font-family="sans-serif" font-size="12">',
    '<rect width="100%" height="100%" fill="white"/>',
    ...legend,
    ...rows.flatMap(([title, panels], row) => [
      text(LEFT, TOP - 22 + row * ROW, title, 'font-size="14" font-weight="bold"'),
      ...panels.flatMap((panel, column) => drawPanel(panel, LEFT + column * (WIDTH + BETWEEN), TOP + 18 + row * ROW)),
    ]),
    '</svg>', '',
  ].join('\n');
}

function drawPanel({ title, axis, names, below, bars, unit = '' }, left, top) {
  const y = (value) => round(top + HEIGHT * (1 - axis.place(value)));
  const foot = top + HEIGHT;
  const group = WIDTH / names.length;
  const width = Math.min(16, (group - 8) / KINDS.length);
  return [
    text(left + WIDTH / 2, top - 8, title, middle),
    ...axis.ticks.flatMap((tick) => [
      `<line x1="${left}" x2="${left + WIDTH}" y1="${y(tick)}" y2="${y(tick)}" stroke="#dddddd"/>`,
      text(left - 5, y(tick) + 4, `${tick}${unit}`, 'text-anchor="end" font-size="10"'),
    ]),
    ...bars.flatMap((values, kind) => values.map((value, index) => {
      if (value === null) return '';
      const x = round(left + group * (index + 0.5) + (kind - KINDS.length / 2) * width);
      const height = Math.max(1, round(foot - y(value)));
      const bar = `<rect x="${x}" y="${y(value)}" width="${round(width - 1)}" height="${height}" fill="${KINDS[kind][1]}"/>`;
      // A bar that the axis cuts off says how high it would be.
      const isCut = axis.place(value) === 1;
      return isCut ? bar + text(round(x + width / 2), top + 12, short(value), `${middle} font-size="9" fill="white"`) : bar;
    })).filter(Boolean),
    `<line x1="${left}" x2="${left + WIDTH}" y1="${foot}" y2="${foot}" stroke="#666666"/>`,
    ...names.map((name, index) => text(round(left + group * (index + 0.5)), foot + 16, name, middle)),
    text(left + WIDTH / 2, foot + 32, below, `${middle} fill="#666666"`),
  ];
}
