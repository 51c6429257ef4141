import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, totalmem } from 'node:os';
import { dirname } from 'node:path';

const headings = [
  'fault',
  'answers',
  'longest',
  'first success',
  'last refusal',
  'acknowledged',
  'lost',
  'unknown (written)',
  'instances',
];

const ms = (value) => (value === null ? '-' : `${Math.round(value)} ms`);

function cells(result) {
  const answers = Object.entries(result.answers)
    .sort(([a], [b]) => a.localeCompare(b))
    .map(([outcome, count]) => `${count} x ${outcome}`);
  return [
    result.fault,
    answers.join('; '),
    ms(result.longestMs),
    ms(result.firstSuccessMs),
    ms(result.lastRefusalMs),
    String(result.acknowledged),
    String(result.lost),
    `${result.unknown} (${result.written})`,
    result.processes,
  ];
}

/** The table, its columns padded for a terminal; Markdown reads it too. */
function table(results) {
  const rows = [headings, ...results.map(cells)];
  const widths = headings.map((_heading, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`;
  return [line(headings), line(widths.map((width) => '-'.repeat(width))), ...rows.slice(1).map(line)].join('\n');
}

const begin = '<!-- begin: written by `npm run test:faults` -->';
const end = '<!-- end -->';

/** After the last file: prints the table, and with FAULTS_REPORT writes it into that file between its two marks. */
export default function report() {
  const path = process.env.LATCHKEY_FAULTS_RESULTS;
  const lines = existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
  const results = lines.map((line) => JSON.parse(line));
  rmSync(dirname(path), { recursive: true, force: true });
  if (results.length === 0) {
    return;
  }
  const machine = `${new Date().toISOString().slice(0, 10)}, ${availableParallelism()} processors, ${Math.round(totalmem() / 2 ** 30)} GB of memory, Node.js ${process.versions.node}`;
  const text = `${machine}\n\n${table(results)}`;
  process.stderr.write(`\n${text}\n`);
  const file = process.env.FAULTS_REPORT;
  if (file !== undefined && file !== '') {
    const page = readFileSync(file, 'utf8');
    const [before, after] = [page.indexOf(begin), page.indexOf(end)];
    if (before < 0 || after < before) {
      throw new Error(`${file} has no place for the table: ${begin} and ${end}.`);
    }
    writeFileSync(file, `${page.slice(0, before)}${begin}\n\n${text}\n\n${page.slice(after)}`);
  }
}
