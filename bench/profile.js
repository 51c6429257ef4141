import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { atEnd, closeAll } from './closing.js';
import { openCluster } from './cluster.js';
import { openDataset } from './dataset.js';
import { measure } from './measure.js';
import { table } from './report.js';
import { startServer } from './servers.js';
import { works } from './works.js';

/**
 * Where Latchkey spends its time under load: `node bench/profile.js posts50 8` prints the functions, files and packages
 * with the most time of their own.
 */
async function main([work = 'posts50', seconds = '8']) {
  const cluster = await openCluster();
  const dataset = await openDataset(cluster, 'profile');
  const folder = mkdtempSync(join(tmpdir(), 'latchkey-profile-'));
  atEnd(() => rmSync(folder, { recursive: true, force: true }));
  const nodeArguments = ['--cpu-prof', '--cpu-prof-interval', '500', '--cpu-prof-dir', folder];
  const server = await startServer('latchkey', dataset.url, { nodeArguments });
  const subject = { server, work: works[work], database: dataset.truth };
  const options = { connections: 16, rounds: 1, warmUp: 3, seconds: Number(seconds) };
  const [row] = await measure(work, [subject], options);
  await server.stop();
  const [file] = readdirSync(folder);
  const samples = selfTimes(JSON.parse(readFileSync(join(folder, file), 'utf8')));
  console.log(
    `# ${work}: ${row.requestsPerSecond.toFixed(0)} requests/s, ${row.cpuMicroseconds?.toFixed(0)} us CPU each\n`,
  );
  print('function', samples, (each) => `\`${each.name}\` ${each.place}`);
  print('file', samples, (each) => each.place.replace(/:\d+$/, ''));
  print('package', samples, (each) => each.caller);
}

/** Self time by function of the time in which the process was not idle, without the start of the server. */
function selfTimes({ nodes, samples, timeDeltas, startTime, endTime }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  for (const node of nodes) {
    for (const child of node.children ?? []) {
      byId.get(child).parent = node;
    }
  }
  const from = startTime + (endTime - startTime) / 3;
  const times = new Map();
  let at = startTime;
  samples.forEach((id, index) => {
    at += timeDeltas[index];
    const node = byId.get(id);
    if (at >= from && node.callFrame.functionName !== '(idle)') {
      times.set(node, (times.get(node) ?? 0) + timeDeltas[index]);
    }
  });
  return [...times].map(([node, time]) => ({
    name: node.callFrame.functionName || '(anonymous)',
    place: placeOf(node),
    caller: callerOf(node),
    time,
  }));
}

const root = fileURLToPath(new URL('..', import.meta.url));

function placeOf({ callFrame: { url, lineNumber } }) {
  const path = url.replace(/^file:\/\//, '').replace(/^.*\/node_modules\//, 'node_modules/');
  const file = path.startsWith(root) ? path.slice(root.length) : path;
  return file === '' ? '(native)' : `${file}:${lineNumber + 1}`;
}

/** The package, or the folder of ours, that a function works for: its own or that of the nearest caller with a file. */
function callerOf(node) {
  for (let at = node; at !== undefined; at = at.parent) {
    const place = placeOf(at);
    const found = /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(place)?.[1] ?? /^dist\/src\/[^/:]+/.exec(place)?.[0];
    if (found !== undefined) {
      return found;
    }
  }
  return `${node.callFrame.functionName.startsWith('(') ? node.callFrame.functionName : 'Node itself'}`;
}

function print(title, samples, keyOf) {
  const total = samples.reduce((sum, { time }) => sum + time, 0);
  const sums = new Map();
  for (const sample of samples) {
    sums.set(keyOf(sample), (sums.get(keyOf(sample)) ?? 0) + sample.time);
  }
  const top = [...sums].sort(([, a], [, b]) => b - a).slice(0, 25);
  console.log(
    `${table(
      [title, 'self %'],
      top.map(([key, time]) => [key, ((time / total) * 100).toFixed(1)]),
    )}\n`,
  );
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await closeAll();
}
