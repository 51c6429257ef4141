import { createApp } from '../dist/src/app.js';
import { loadConfig } from '../dist/src/config.js';

// Stands in for `latchkey serve` in a build that has no command line.
const app = await createApp(loadConfig());
process.once('SIGTERM', () => void app.close());
await app.listen();
