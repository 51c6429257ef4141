import { addKnownTokens, growTokens, knownTokens } from './data.js';
import { openDataset } from './dataset.js';
import { measure } from './measure.js';
import { startServer } from './servers.js';
import { tokensWork, works } from './works.js';

/** What the guards cost: the same build with every guard open, then as it is. */
export async function compareGuards({ dataset, options }) {
  const rows = await measureFresh(dataset, ['latchkey, guards open', 'latchkey'], 'posts50', options);
  return { title: 'posts50: guards on against every guard open', rows };
}

/** What a line of log for every request costs, as the default configuration writes it. */
export async function compareLog({ dataset, options }) {
  const rows = await measureFresh(dataset, ['latchkey', 'latchkey, log at info'], 'viewer', options);
  return { title: 'viewer: LOG_LEVEL=info against LOG_LEVEL=warn', rows };
}

/** Whether a look-up is slower among a million tokens: `viewer` with 1,000 bearers that take turns. */
export async function compareTokens({ cluster, options }) {
  const rows = await measureTokens(cluster, [knownTokens, 1_000_000], options);
  return { title: 'viewer: 1,000,000 tokens against 1,000, all 1,000 bearers in turn', rows };
}

/** Starts both servers for the comparison: one that has done other work would be another server. */
async function measureFresh(dataset, kinds, name, options) {
  const servers = await Promise.all(kinds.map((kind) => startServer(kind, dataset.url)));
  const subjects = servers.map((server) => ({ server, work: works[name], database: dataset.truth }));
  const rows = await measure(name, subjects, options);
  await Promise.all(servers.map((server) => server.stop()));
  return rows;
}

/** One database and one server for each number of tokens, so that the rounds can be interleaved. */
export async function measureTokens(cluster, counts, options) {
  const subjects = [];
  for (const count of counts) {
    const dataset = await openDataset(cluster, `tokens_${count}`);
    const tokens = await addKnownTokens(dataset.pool, dataset.truth.administratorId);
    await growTokens(dataset.pool, count);
    const label = `latchkey, ${count.toLocaleString('en')} tokens`;
    const server = await startServer('latchkey', dataset.url, { label });
    subjects.push({ server, work: tokensWork(tokens), database: dataset.truth });
  }
  const rows = await measure('viewer', subjects, options);
  await Promise.all(subjects.map(({ server }) => server.stop()));
  return rows;
}
