import { writeFileSync } from 'node:fs';
import { measureTokens } from './comparisons.js';
import { openDataset } from './dataset.js';
import { measure } from './measure.js';
import { plot } from './plot.js';
import { describe, table, writeResults } from './report.js';
import { startServer } from './servers.js';
import { pageWork, works } from './works.js';

const pageSizes = [1, 2, 5, 10, 20, 50, 100];
const tokenCounts = [1_000, 10_000, 100_000, 1_000_000];
const connectionCounts = [1, 2, 4, 8, 16, 32, 64, 128, 256];

const series = ['reference', 'mercurius', 'latchkey'];

/** Cost against size: a table and a plot. */
export async function measureScale(cluster, run, options) {
  const dataset = await openDataset(cluster, 'scale');
  const servers = [];
  for (const name of series) {
    servers.push(await startServer(name, dataset.url));
  }
  const all = (work) => servers.map((server) => ({ server, work, database: dataset.truth }));
  const bearer = (facts) => ({ authorization: `Bearer ${facts.token}` });

  const pages = [];
  for (const size of pageSizes) {
    console.error(`${size} posts a page ...`);
    pages.push({ size, rows: await measure('posts', all(pageWork(size, bearer)), options) });
  }
  const connections = [];
  for (const size of connectionCounts) {
    console.error(`${size} connections ...`);
    connections.push({ size, rows: await measure('posts50', all(works.posts50), { ...options, connections: size }) });
  }
  console.error('tokens ...');
  const rows = await measureTokens(cluster, tokenCounts, options);
  const tokens = rows.map((row, index) => ({ size: tokenCounts[index], rows: [{ ...row, server: 'latchkey' }] }));

  const panels = [
    {
      title: 'Posts per page',
      x: { label: 'posts on a page', scale: 'linear' },
      y: { label: 'milliseconds a request, 16 connections (p50)', of: (row) => row.p50 },
      points: pages,
    },
    {
      title: 'Connections, pages of 50 posts',
      x: { label: 'connections', scale: 'log' },
      y: { label: 'requests per second', of: (row) => row.requestsPerSecond },
      points: connections,
    },
    {
      title: 'Tokens in the database, viewer',
      x: { label: 'tokens', scale: 'log' },
      y: { label: 'milliseconds a request, 16 connections (p50)', of: (row) => row.p50 },
      points: tokens,
    },
  ];
  const report = { run, pages, connections, tokens };
  const markdown = toMarkdown(report);
  console.log(markdown);
  if (options.rounds < 5) {
    console.error('Fewer than five rounds: not written.');
    return;
  }
  writeFileSync(new URL('../docs/bench-scale.svg', import.meta.url), plot(panels, caption(run)));
  console.error(`Written to ${writeResults(report, markdown, '-scale')} and docs/bench-scale.svg.`);
}

function toMarkdown({ run, pages, connections, tokens }) {
  return `${[
    `# Cost against size, ${run.date.slice(0, 10)}`,
    describe(run),
    '## Posts per page',
    sizeTable('posts', pages),
    '## Connections, pages of 50 posts',
    sizeTable('connections', connections),
    '## Tokens in the database, viewer with 1,000 bearers in turn',
    sizeTable('tokens', tokens, 'of the smallest'),
  ].join('\n\n')}\n`;
}

function sizeTable(name, points, ratioTitle = 'of the reference') {
  return table(
    [name, 'server', 'requests/s', ratioTitle, 'p50 ms', 'p99 ms', 'CPU us/request'],
    points.flatMap(({ size, rows }) =>
      rows.map((row) => [
        size.toLocaleString('en'),
        row.server,
        row.requestsPerSecond.toFixed(0),
        row.ratio.toFixed(3),
        row.p50.toFixed(2),
        row.p99.toFixed(2),
        row.cpuMicroseconds?.toFixed(0) ?? '-',
      ]),
    ),
  );
}

function caption(run) {
  return `${run.date.slice(0, 10)}, ${run.cpu}, ${run.cores} cores, Node ${run.node}, PostgreSQL ${run.postgresql}`;
}
