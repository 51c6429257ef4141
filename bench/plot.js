const width = 1_140;
const height = 400;
const box = { top: 70, bottom: 80, left: 66, right: 28 };
const colours = { reference: '#6b7280', mercurius: '#b45309', latchkey: '#1d4ed8' };

/** Panels side by side as an SVG on a light ground: lines of each server's figures over sizes. */
export function plot(panels, caption) {
  const panelWidth = width / panels.length;
  const parts = panels.map((panel, index) => drawPanel(panel, index * panelWidth, panelWidth));
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" font-family="system-ui, sans-serif" font-size="12" fill="#111827" role="img" aria-label="Cost against size">
<rect width="${width}" height="${height}" fill="#ffffff"/>
${legend()}
${parts.join('\n')}
<text x="${width / 2}" y="${height - 10}" text-anchor="middle" font-size="11" fill="#4b5563">${escapeText(caption)}</text>
</svg>
`;
}

function drawPanel({ title, x, y, points }, offset, panelWidth) {
  const area = {
    left: offset + box.left,
    right: offset + panelWidth - box.right,
    top: box.top,
    bottom: height - box.bottom,
  };
  const sizes = points.map(({ size }) => size);
  const ticks = niceTicks(Math.max(...points.flatMap(({ rows }) => rows.map(y.of))));
  const atX = scaleX(x.scale, sizes, area);
  const atY = (value) => area.bottom - (value / ticks.at(-1)) * (area.bottom - area.top);
  const parts = [
    `<text x="${(area.left + area.right) / 2}" y="${box.top - 14}" text-anchor="middle" font-weight="600" font-size="13">${escapeText(title)}</text>`,
  ];
  for (const tick of ticks) {
    parts.push(
      `<line x1="${area.left}" x2="${area.right}" y1="${round(atY(tick))}" y2="${round(atY(tick))}" stroke="#e5e7eb"/>`,
      `<text x="${area.left - 6}" y="${round(atY(tick) + 4)}" text-anchor="end">${format(tick)}</text>`,
    );
  }
  for (const size of x.scale === 'linear' ? sizes.filter((each) => each === 1 || each >= 10) : sizes) {
    parts.push(
      `<line x1="${round(atX(size))}" x2="${round(atX(size))}" y1="${area.bottom}" y2="${area.bottom + 4}" stroke="#111827"/>`,
      `<text x="${round(atX(size))}" y="${area.bottom + 17}" text-anchor="middle">${format(size)}</text>`,
    );
  }
  parts.push(
    `<path d="M${area.left} ${area.top}V${area.bottom}H${area.right}" fill="none" stroke="#111827"/>`,
    `<text x="${(area.left + area.right) / 2}" y="${area.bottom + 36}" text-anchor="middle">${escapeText(x.label)}</text>`,
    `<text transform="translate(${offset + 16} ${(area.top + area.bottom) / 2}) rotate(-90)" text-anchor="middle">${escapeText(y.label)}</text>`,
  );
  for (const [name, colour] of Object.entries(colours)) {
    const line = points.flatMap(({ size, rows }) =>
      rows.filter((row) => row.server === name).map((row) => [round(atX(size)), round(atY(y.of(row)))]),
    );
    if (line.length > 0) {
      parts.push(
        `<polyline points="${line.join(' ')}" fill="none" stroke="${colour}" stroke-width="2"/>`,
        ...line.map(([cx, cy]) => `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`),
      );
    }
  }
  return parts.join('\n');
}

function legend() {
  return Object.entries(colours)
    .map(
      ([name, colour], index) =>
        `<rect x="${box.left + index * 120}" y="18" width="14" height="4" fill="${colour}"/><text x="${box.left + 20 + index * 120}" y="24">${name}</text>`,
    )
    .join('\n');
}

function scaleX(kind, sizes, area) {
  const place = kind === 'log' ? Math.log : (value) => value;
  const [low, high] = [place(Math.min(...sizes)), place(Math.max(...sizes))];
  return (size) => area.left + ((place(size) - low) / (high - low)) * (area.right - area.left);
}

/** Round numbers from 0 to just above the largest value, about five of them. */
function niceTicks(largest) {
  const rough = largest / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((each) => each >= rough) ?? power;
  const count = Math.ceil(largest / step);
  return Array.from({ length: count + 1 }, (_, index) => index * step);
}

function format(value) {
  if (value >= 1e6) {
    return `${value / 1e6}M`;
  }
  return value >= 1e3 ? `${value / 1e3}k` : String(Math.round(value * 1e6) / 1e6);
}

function round(value) {
  return Math.round(value * 10) / 10;
}

function escapeText(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
