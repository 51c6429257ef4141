import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';

const page = readFileSync('docs/adding-a-resource.md', 'utf8');
const files = [...page.matchAll(/^### `([^`]+)`\n[^#]*?```ts\n([\s\S]*?)^```$/gm)];
const migration = /^## The migration\n[\s\S]*?```ts\n([\s\S]*?)^```$/m.exec(page)?.[1] ?? '';

let copy: string;

/** A program of this project, in the copy. */
function run(script: string, ...args: string[]): string {
  return execFileSync(process.execPath, ['--no-warnings', script, ...args], {
    cwd: copy,
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

/** What stays the same from one generation to the next. */
function timeless(source: string): string {
  return source.replaceAll(/Migration\d+_/g, 'Migration_');
}

beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'latchkey-page-'));
  for (const name of [
    'src',
    'bin',
    'test/helper.ts',
    'test/property-seed.ts',
    'test/snapshot.ts',
    'mikro-orm.config.ts',
    'package.json',
    'jest.config.js',
  ]) {
    cpSync(name, join(copy, name), { recursive: true });
  }
  for (const name of ['tsconfig.json', 'tsconfig.build.json', 'biome.json', '.gitignore']) {
    cpSync(name, join(copy, name));
  }
  symlinkSync(join(process.cwd(), 'node_modules'), join(copy, 'node_modules'));
  for (const [, path = '', source = ''] of files) {
    mkdirSync(dirname(join(copy, path)), { recursive: true });
    writeFileSync(join(copy, path), source);
  }
});

afterAll(() => rmSync(copy, { recursive: true, force: true }));

test('the resource of the page compiles, migrates and passes its test', () => {
  expect(files.map(([, path]) => path)).toContain('src/comments/comment.resolver.ts');
  run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');

  run('bin/migration.js', 'add-comments');
  const folder = join(copy, 'src/database/migrations');
  const written = readdirSync(folder).find((file) => file.endsWith('_add_comments.ts')) ?? '';
  run('node_modules/@biomejs/biome/bin/biome', 'format', '--vcs-enabled=false', '--write', folder);
  expect(timeless(readFileSync(join(folder, written), 'utf8'))).toBe(timeless(migration));

  run('--experimental-vm-modules', 'node_modules/jest/bin/jest.js', 'test/comments');
}, 180_000);
