import { mkdirSync, writeFileSync } from 'node:fs';
import { isDisturbed } from './machine.js';

const folder = new URL('results/', import.meta.url);

/** The whole report as Markdown. */
export function toMarkdown({ run, works, comparisons }) {
  const sections = [`# Benchmark of ${run.date.slice(0, 10)}`, describe(run)];
  for (const [name, rows] of Object.entries(works)) {
    sections.push(`## ${name}`, serverTable(rows));
  }
  const goals = goalTable(works, comparisons);
  if (goals !== '') {
    sections.push('## Goals', goals);
  }
  for (const { title, rows } of Object.values(comparisons)) {
    sections.push(`## ${title}`, serverTable(rows, 'of the first'));
  }
  return `${sections.join('\n\n')}\n`;
}

/** Writes a report under a name that begins with the date; returns its path for people. */
export function writeResults(report, markdown, suffix = '') {
  mkdirSync(folder, { recursive: true });
  const name = `${report.run.date.slice(0, 10)}${suffix}`;
  writeFileSync(new URL(`${name}.md`, folder), markdown);
  writeFileSync(new URL(`${name}.json`, folder), `${JSON.stringify(report, null, 2)}\n`);
  return `bench/results/${name}.md`;
}

export function describe(run) {
  const lines = [
    `${run.cpu}, ${run.cores} cores shared by servers, database and load, ${run.memoryGiB} GiB, ${run.system}.`,
    `Node ${run.node}, PostgreSQL ${run.postgresql}, commit ${run.commit}.`,
    `Medians of ${run.rounds} interleaved rounds of ${run.secondsPerRound} s with ${run.connections} connections; ` +
      'no server writes a line of log for a request, and each has at most 10 connections to the database.',
    `Load of the machine at the start: ${run.loadAtStart}.`,
  ];
  if (isDisturbed(run)) {
    lines.push('**Disturbed: other processes used the processors meanwhile, so only the ratios say anything.**');
  }
  return lines.join('\n');
}

function serverTable(rows, ratioTitle = 'of the reference') {
  return table(
    ['server', 'requests/s', ratioTitle, 'p50 ms', 'p99 ms', 'CPU us/request', `CPU ${ratioTitle}`, 'RSS MiB'],
    rows.map((row) => [
      row.server,
      row.requestsPerSecond.toFixed(0),
      row.ratio.toFixed(3),
      row.p50.toFixed(2),
      row.p99.toFixed(2),
      row.cpuMicroseconds?.toFixed(0) ?? '-',
      row.cpuRatio?.toFixed(2) ?? '-',
      row.rssMiB?.toFixed(0) ?? '-',
    ]),
  );
}

/** The goals that were set for Latchkey beside what this run measured. */
function goalTable(works, comparisons) {
  // Through the reference, which each round has measured beside both: the machine's speed drifts.
  const ofReference = (work, server) => works[work]?.find((row) => row.server === server)?.ratio;
  const times = (work, other) => ofReference(work, 'latchkey') / ofReference(work, other);
  const ratio = (key) => comparisons[key]?.rows[1].ratio;
  const rss = Math.max(
    ...Object.values(works).flatMap((rows) => rows.find((row) => row.server === 'latchkey')?.rssMiB ?? []),
  );
  const goals = [
    ['posts50, of the reference', '0.45', '0.65', times('posts50', 'reference')],
    ['posts50, times stock', '10', '', times('posts50', 'stock')],
    ['posts50, times Mercurius', '1', '1.3', times('posts50', 'mercurius')],
    ['viewer, of the reference', '0.35', '0.60', times('viewer', 'reference')],
    ['viewer, times stock', '4', '', times('viewer', 'stock')],
    ['viewer, times Mercurius', '', '1', times('viewer', 'mercurius')],
    ['denied, times viewer', '1', '1.2', ofReference('denied', 'latchkey') / ofReference('viewer', 'latchkey')],
    ['posts50, guards on against every guard open', '0.90', '0.97', ratio('guards')],
    ['RSS after load, MiB', 'under 300', '180', Number.isFinite(rss) ? rss : undefined],
    ['look-ups among 1,000,000 tokens against 1,000, times slower', '1.3', '1', 1 / ratio('tokens')],
  ];
  const measured = goals.filter(([, , , value]) => Number.isFinite(value));
  return measured.length === 0
    ? ''
    : table(
        ['goal', 'must reach', 'aim', 'measured'],
        measured.map(([name, must, aim, value]) => [
          name,
          must,
          aim,
          value >= 100 ? value.toFixed(0) : value.toFixed(2),
        ]),
      );
}

export function table(head, rows) {
  const line = (cells) => `| ${cells.join(' | ')} |`;
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '---:'))), ...rows.map(line)].join('\n');
}
