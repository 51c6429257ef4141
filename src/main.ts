import { type App, createApp } from './app.js';
import { serverStart } from './auth/audit.js';
import { loadConfig } from './config.js';
import { ensureAdministrator, namingAdministrator } from './process/administrator.js';
import { demoBanner, exposureNotes, readyBanner } from './process/banner.js';
import { type DemoContent, seedDemo } from './process/demo.js';
import { listen } from './process/listen.js';
import { tuneCollector } from './process/memory.js';
import { stopRequested } from './process/stop.js';

/** Runs the server until a signal ends it; resolves to the exit code, and throws what stops the start. */
export async function serve(): Promise<number> {
  const config = loadConfig();
  tuneCollector();
  let app: App | undefined;
  const stop = stopRequested((error, { id }) => {
    app?.services.metrics.promiseLost();
    app?.http.log.error({ err: error, reqId: id }, 'a request let go of a promise that failed');
  }, config.drainMs);
  app = await createApp(config);
  try {
    await start(app);
  } catch (error) {
    await app.close();
    throw error;
  }
  const { exitCode, error } = await stop;
  if (error !== undefined) {
    app.http.log.fatal({ err: error }, 'an error that nobody caught');
    process.stderr.write('Latchkey stops because of an error that nobody caught; the log has it.\n');
  }
  await app.close();
  return exitCode;
}

async function start(app: App): Promise<void> {
  const { config, em, passwords } = app.services;
  const { demo, notes } = await namingAdministrator(config.administrator, async () => ({
    demo: await firstContent(app),
    notes: await ensureAdministrator(em, passwords, config.administrator),
  }));
  try {
    const url = await listen(app, config);
    const page = app.http.hasRoute({ method: 'GET', url: '/' }) ? new URL('/', url).href : null;
    say([readyBanner(url, page, demo, config.mode), ...exposureNotes(config), ...notes]);
  } catch (error) {
    if (demo !== null) {
      // The password stands nowhere else, and the next start makes no other.
      say([demoBanner(demo)]);
    }
    throw error;
  }
}

/** Only the embedded database gets content by itself: whoever brings a PostgreSQL brings their own. */
async function firstContent({ database, services }: App): Promise<DemoContent | null> {
  if (database.target.kind !== 'embedded') {
    return null;
  }
  return seedDemo(services.em, services.passwords, services.config.administrator, new Date(), serverStart);
}

function say(paragraphs: readonly string[]): void {
  process.stdout.write(`\n${paragraphs.join('\n\n')}\n\n`);
}
