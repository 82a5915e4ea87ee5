// Panels of bars as an SVG, in rows, with a legend. Pure.

const [WIDTH, HEIGHT, LEFT, TOP, BETWEEN, ROW] = [168, 190, 58, 74, 44, 292];

const text = (x, y, words, more = '') => `<text x="${x}" y="${y}" ${more}>${words}</text>`;
const middle = 'text-anchor="middle"';
const round = (number) => Math.round(number * 10) / 10;
/** A value as it stands over a mark that has no room for it. */
const short = (value) => (value >= 10 ? value.toFixed(0) : value.toFixed(1));

/** An axis whose `ticks` are at the logarithm of their value, from the first to the last. */
export function logarithmic(ticks) {
  const [least, most] = [ticks[0], ticks.at(-1)];
  return { place: (value) => Math.min(1, Math.log(Math.max(value, least) / least) / Math.log(most / least)), ticks };
}

/**
 * Draws rows of `[title, panels]`. A panel has a `title`, an `axis`, the `names` of its groups of bars, what stands `below`
 * them, and `bars`: for each of `kinds`, which are `[colour, name]`, its value in each group, or null.
 */
export function chart(kinds, rows) {
  const width = LEFT + Math.max(...rows.map(([, panels]) => panels.length)) * (WIDTH + BETWEEN);
  const height = TOP + rows.length * ROW - 8;
  const legend = kinds.map(([colour, name], index) =>
    `<rect x="${LEFT + index * 150}" y="14" width="12" height="12" fill="${colour}"/>${text(LEFT + 18 + index * 150, 24, name)}`);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}"`
      + ' font-family="sans-serif" font-size="12">',
    '<rect width="100%" height="100%" fill="white"/>',
    ...legend,
    ...rows.flatMap(([title, panels], row) => [
      text(LEFT, TOP - 22 + row * ROW, title, 'font-size="14" font-weight="bold"'),
      ...panels.flatMap((panel, column) => drawPanel(kinds, panel, LEFT + column * (WIDTH + BETWEEN), TOP + 18 + row * ROW)),
    ]),
    '</svg>', '',
  ].join('\n');
}

function drawPanel(kinds, { title, axis, names, below, bars, unit = '' }, left, top) {
  const y = (value) => round(top + HEIGHT * (1 - axis.place(value)));
  const foot = top + HEIGHT;
  const group = WIDTH / names.length;
  const width = Math.min(16, (group - 8) / kinds.length);
  return [
    text(left + WIDTH / 2, top - 8, title, middle),
    ...axis.ticks.flatMap((tick) => [
      `<line x1="${left}" x2="${left + WIDTH}" y1="${y(tick)}" y2="${y(tick)}" stroke="#dddddd"/>`,
      text(left - 5, y(tick) + 4, `${tick}${unit}`, 'text-anchor="end" font-size="10"'),
    ]),
    ...bars.flatMap((values, kind) => values.map((value, index) => {
      if (value === null) return '';
      const x = round(left + group * (index + 0.5) + (kind - kinds.length / 2) * width);
      const height = Math.max(1, round(foot - y(value)));
      const bar = `<rect x="${x}" y="${y(value)}" width="${round(width - 1)}" height="${height}" fill="${kinds[kind][0]}"/>`;
      // A bar that the axis cuts off says how high it would be.
      const isCut = axis.place(value) === 1;
      return isCut ? bar + text(round(x + width / 2), top + 12, short(value), `${middle} font-size="9" fill="white"`) : bar;
    })).filter(Boolean),
    `<line x1="${left}" x2="${left + WIDTH}" y1="${foot}" y2="${foot}" stroke="#666666"/>`,
    ...names.map((name, index) => text(round(left + group * (index + 0.5)), foot + 16, name, middle)),
    text(left + WIDTH / 2, foot + 32, below, `${middle} fill="#666666"`),
  ];
}
