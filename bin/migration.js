import { fileURLToPath } from 'node:url';
import { MikroORM } from '@mikro-orm/core';
import { databaseOptions } from '../dist/mikro-orm.config.js';
import { loadConfig } from '../dist/src/config.js';

const [name] = process.argv.slice(2);
if (name === undefined || !/^[a-z][a-z0-9-]*$/.test(name)) {
  console.error('Name the migration in lower case: npm run migration -- add-comments');
  process.exit(1);
}

// Compared with what the migrations make of an empty database, so that nobody's own data has a say.
const orm = await MikroORM.init(databaseOptions(loadConfig({ DATA_DIR: ':memory:' }), { kind: 'embedded' }));
try {
  await orm.migrator.up();
  const folder = fileURLToPath(new URL('../src/database/migrations', import.meta.url));
  const { fileName } = await orm.migrator.create(folder, false, false, name.replaceAll('-', '_'));
  console.log(
    fileName === '' ? 'The entities and the migrations agree: nothing to do.' : `src/database/migrations/${fileName}`,
  );
} finally {
  await orm.close();
}
