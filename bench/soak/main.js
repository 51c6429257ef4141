import { readdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import pg from 'pg';
import { atEnd, closeAll } from '../closing.js';
import { openCluster } from '../cluster.js';
import { freePort } from '../free-port.js';
import { describeMachine } from '../machine.js';
import { startServer } from '../servers.js';
import { Actor } from './actor.js';
import { Client } from './client.js';
import { openHeap } from './heap.js';
import { honestActs } from './honest.js';
import { dawdle, hostileActs } from './hostile.js';
import { report } from './report.js';
import { Tally } from './tally.js';
import { watch } from './watch.js';
import { administrator, prepare } from './world.js';

/** What is still in use after a collection, such as plans of documents that came late, may vary by so much. */
const heapGrowthMiB = 8;

const usage = `npm run soak -- [options]

  --minutes n   how long (10)
  --honest n    actors that mean well (12)
  --hostile n   actors that mean harm (6)
  --slow n      connections that are kept open with next to nothing (20)
  --write       writes the report to docs/soak.md

Uses a database of its own beside the one in DATABASE_URL, or a private PostgreSQL cluster made from the installed
binaries. Ends with 1 when an answer was not expected, the live heap grew by more than ${heapGrowthMiB} MiB after the first quarter,
the server died, or a promise was rejected with nobody to handle it.`;

/** What has to be idle before descriptors at rest are counted: longer than a connection is kept without a request. */
const restMs = 8_000;
const poolSize = 10;

function readOptions() {
  const options = {
    minutes: { type: 'string', default: '10' },
    honest: { type: 'string', default: '12' },
    hostile: { type: 'string', default: '6' },
    slow: { type: 'string', default: '20' },
    write: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  };
  const { values } = parseArgs({ options });
  const numbers = Object.fromEntries(
    ['minutes', 'honest', 'hostile', 'slow'].map((name) => [name, Number(values[name])]),
  );
  if (values.help || Object.values(numbers).some((value) => !(value >= 0)) || !(numbers.minutes > 0)) {
    console.log(usage);
    process.exit(values.help ? 0 : 2);
  }
  return { ...numbers, write: values.write };
}

/** Counts the lines that the server logs, by level and message. */
class Log {
  lines = 0;
  unhandled = 0;
  kinds = new Map();

  add(line) {
    if (!line.startsWith('{')) {
      return;
    }
    const { level, msg, err } = JSON.parse(line);
    const kind = `${level} ${msg}${err?.code === undefined ? '' : ` (${err.code})`}`;
    this.lines += 1;
    this.unhandled += /unhandled|nobody (caught|handled)|uncaught/i.test(line) ? 1 : 0;
    this.kinds.set(kind, (this.kinds.get(kind) ?? 0) + 1);
  }
}

async function main() {
  const options = readOptions();
  const cluster = await openCluster();
  const databaseUrl = await cluster.createDatabase('soak');
  const log = new Log();
  const inspector = await freePort();
  const server = await startServer('latchkey', databaseUrl, {
    nodeArguments: [`--inspect=127.0.0.1:${inspector}`],
    environment: {
      ADMIN_EMAIL: administrator.email,
      ADMIN_PASSWORD: administrator.password,
      CONSOLE: 'off',
      DATABASE_POOL_SIZE: String(poolSize),
      // What the configuration has by itself; the benchmark asks for more.
      COST_PER_MINUTE: '300000',
      COST_PER_MINUTE_GUEST: '60000',
      // Every actor has an address of its own, as strangers have.
      TRUST_PROXY: '127.0.0.1',
    },
    onLine: (line) => log.add(line),
  });
  const heap = await openHeap(inspector);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  database.on('error', () => {});
  atEnd(() => database.end().catch(() => {}));

  const client = new Client(server.port);
  const people = await prepare(client, Math.max(1, options.honest), 20);
  const tally = new Tally();
  const run = { ...describeMachine(cluster), ...options, poolSize };
  const deadline = Date.now() + options.minutes * 60_000;
  const watching = watch({
    server,
    client,
    heap,
    heapEveryMs: (options.minutes * 60_000) / 20,
    countConnections: async () => {
      const { rows } = await database.query(
        `select count(*)::int as count from pg_stat_activity where datname = current_database() and application_name = 'latchkey'`,
      );
      return rows[0].count;
    },
  });
  const actor = (index, network, pauseMs) =>
    Object.assign(
      new Actor({ client: client.from(`${network}.${index + 1}`), tally, seed: index * 7_919 + 1, pauseMs }),
      { person: people[index % people.length] },
    );
  const acting = [
    ...Array.from({ length: options.honest }, (_, index) => actor(index, '198.51.100', 30).run(honestActs, deadline)),
    ...Array.from({ length: options.hostile }, (_, index) => actor(index, '203.0.113', 60).run(hostileActs, deadline)),
    ...Array.from({ length: options.slow }, async () => {
      while (Date.now() < deadline) {
        await dawdle(server.port, deadline);
        await sleep(200);
      }
    }),
  ];
  const progress = setInterval(
    () => console.error(`${tally.requests} requests, ${tally.unexpected} not expected`),
    60_000,
  );
  await Promise.all(acting);
  clearInterval(progress);
  await watching.stop();
  client.close();
  heap.close();
  await sleep(restMs);
  const descriptorsAtRest = readdirSync(`/proc/${server.pid}/fd`).length;
  const exit = await server.stop();

  const { markdown, heapGrewMiB } = report({
    run,
    tally,
    samples: watching.samples,
    heaps: watching.heaps,
    log,
    exit,
    descriptorsAtRest,
  });
  console.log(markdown);
  if (options.write) {
    const page = fileURLToPath(new URL('../../docs/soak.md', import.meta.url));
    writeFileSync(
      page,
      `# Soak\n\nMixed honest and hostile load on one server process: \`npm run soak -- --minutes ${options.minutes} --write\`.\n\n${markdown}`,
    );
  }
  const sound = tally.unexpected === 0 && log.unhandled === 0 && exit === 0 && heapGrewMiB <= heapGrowthMiB;
  process.exitCode = sound ? 0 : 1;
}

try {
  await main();
} catch (error) {
  console.error(error);
  process.exitCode = 1;
} finally {
  await closeAll();
}
