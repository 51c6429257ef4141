import { execFileSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { closeAll } from './closing.js';
import { openCluster } from './cluster.js';
import { compareGuards, compareLog, compareTokens } from './comparisons.js';
import { openDataset } from './dataset.js';
import { describeRun, isDisturbed } from './machine.js';
import { measure } from './measure.js';
import { readOptions } from './options.js';
import { toMarkdown, writeResults } from './report.js';
import { measureScale } from './scale.js';
import { startServer } from './servers.js';
import { works } from './works.js';

/** Measures Latchkey beside a bare reference, a stock server and the fastest hand-written peer; see README.md. */
async function main() {
  const options = readOptions(process.argv.slice(2));
  buildStock();
  const cluster = await openCluster();
  const run = describeRun(cluster, options);
  if (isDisturbed(run)) {
    console.error(`The machine is busy (load ${run.loadAtStart}): the figures will be disturbed.`);
  }
  if (options.scale) {
    await measureScale(cluster, run, options);
    return;
  }
  const dataset = await openDataset(cluster, 'works');
  const servers = {};
  const server = async (name) => {
    servers[name] ??= await startServer(name, dataset.url);
    return servers[name];
  };
  const report = { run, works: {}, comparisons: {} };
  for (const name of options.works) {
    const subjects = [];
    for (const label of ['reference', 'stock', 'mercurius', 'latchkey']) {
      subjects.push({ server: await server(label), work: works[name], database: dataset.truth });
    }
    console.error(`${name} ...`);
    report.works[name] = await measure(name, subjects, options);
  }
  const compare = { guards: compareGuards, tokens: compareTokens, log: compareLog };
  for (const name of options.comparisons) {
    console.error(`${name} ...`);
    report.comparisons[name] = await compare[name]({ cluster, dataset, options });
  }
  const markdown = toMarkdown(report);
  console.log(markdown);
  console.error(
    options.complete ? `Written to ${writeResults(report, markdown)}.` : 'Not a complete run: not written.',
  );
}

/** The stock server is TypeScript with decorators, as its libraries teach it. */
function buildStock() {
  const tsc = join(dirname(createRequire(import.meta.url).resolve('typescript/package.json')), 'bin/tsc');
  execFileSync(process.execPath, [tsc, '-p', fileURLToPath(new URL('stock', import.meta.url))], { stdio: 'inherit' });
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await closeAll();
}
