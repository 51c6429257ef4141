import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';

const src = fileURLToPath(new URL('../src', import.meta.url));
const files = readdirSync(src, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts') && !entry.name.endsWith('.d.ts'))
  .map((entry) => relative(src, join(entry.parentPath, entry.name)).split(sep).join('/'))
  .sort();
const textOf = new Map(files.map((file) => [file, readFileSync(join(src, file), 'utf8')]));

interface Import {
  readonly from: string;
  /** A path under src, `../…` for one outside it, or the name of a package. */
  readonly to: string;
}

/** `import … from`, `import '…'`, `export … from` and `import('…')`, with and without `type`. */
const specifier =
  /(?:^|[\s;}])(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|\bimport\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"`]([^'"`]+)['"`]\s*\)|\brequire\s*\(\s*['"]([^'"]+)['"]\s*\)/g;

function importsOf(file: string, text: string): Import[] {
  return [...text.matchAll(specifier)].map((match) => {
    const name = match[1] ?? match[2] ?? match[3] ?? match[4] ?? '';
    const isRelative = name.startsWith('.');
    return {
      from: file,
      to: isRelative ? join(dirname(file), name).replace(/\.js$/, '.ts').split(sep).join('/') : name,
    };
  });
}

const imports = files.flatMap((file) => importsOf(file, textOf.get(file) ?? ''));
const inside = imports.filter(({ to }) => textOf.has(to));
const folderOf = (file: string) => (file.includes('/') ? file.slice(0, file.indexOf('/')) : file);

const features = importsOf('modules.ts', textOf.get('modules.ts') ?? '')
  .map(({ to }) => to)
  .filter((to) => to.endsWith('/index.ts'))
  .map(folderOf);

/** From the process down to what everything stands on; an import goes down the list or stays in its folder. */
const layers: readonly (readonly string[])[] = [
  ['main.ts', 'cli'],
  ['process'],
  ['app.ts'],
  ['http'],
  ['schema.ts', 'registry.ts', 'modules.ts', 'jobs.ts'],
  features,
  ['module.ts'],
  ['graphql'],
  ['access'],
  ['auth'],
  ['database'],
  ['config.ts', 'variable-kinds.ts', 'errors.ts'],
  ['telemetry'],
];
const depthOf = (file: string) => layers.findIndex((layer) => layer.includes(folderOf(file)));
const spell = ({ from, to }: Import) => `${from} -> ${to}`;

describe('reading imports', () => {
  test.each([
    ["import { a } from './a.js';", ['x/a.ts']],
    ["import type { A } from '../y/a.js';", ['y/a.ts']],
    ["import a, {\n  b,\n  type C,\n} from './a.js';", ['x/a.ts']],
    ["import * as a from './a.js';\nimport './b.js';", ['x/a.ts', 'x/b.ts']],
    ["export { a } from './a.js';\nexport * from './b.js';", ['x/a.ts', 'x/b.ts']],
    ["export type { A } from './a.js';", ['x/a.ts']],
    ["const a = await import('./a.js');", ['x/a.ts']],
    ["const a = require('graphql-shield') as typeof import('graphql-shield');", ['graphql-shield', 'graphql-shield']],
    ["import { join } from 'node:path';", ['node:path']],
    ["export const from = 'nowhere';\nconst text = 'x';", []],
  ])('%j', (text, expected) => {
    expect(importsOf('x/file.ts', text).map(({ to }) => to)).toEqual(expected);
  });

  test('every import of a file of ours is found', () => {
    expect(files.length).toBeGreaterThan(80);
    expect(inside.length).toBeGreaterThan(200);
    const lost = imports.filter(({ to }) => to.endsWith('.ts') && !to.startsWith('..') && !textOf.has(to));
    expect(lost.map(spell).filter((each) => !each.endsWith('.d.ts'))).toEqual([]);
  });
});

describe('one direction', () => {
  test('every file has a place in the order', () => {
    expect(files.filter((file) => depthOf(file) === -1)).toEqual([]);
  });

  test('imports go down the order or stay in their folder', () => {
    const against = inside.filter(({ from, to }) => folderOf(from) !== folderOf(to) && depthOf(to) < depthOf(from));
    expect(against.map(spell)).toEqual([]);
  });

  test('features see each other only through types, entities and policies', () => {
    const between = inside.filter(
      ({ from, to }) =>
        features.includes(folderOf(from)) && features.includes(folderOf(to)) && folderOf(from) !== folderOf(to),
    );
    expect(between.length).toBeGreaterThan(5);
    expect(between.filter(({ to }) => !/\.(type|entity|policy)\.ts$/.test(to)).map(spell)).toEqual([]);
  });

  test('files do not import each other in a circle', () => {
    const circles: string[] = [];
    const done = new Set<string>();
    const visit = (file: string, path: readonly string[]) => {
      if (path.includes(file)) {
        circles.push([...path.slice(path.indexOf(file)), file].join(' -> '));
        return;
      }
      if (!done.has(file)) {
        for (const { to } of inside.filter(({ from, to }) => from === file && !typeOnly(from, to))) {
          visit(to, [...path, file]);
        }
        done.add(file);
      }
    };
    for (const file of files) {
      visit(file, []);
    }
    expect(circles).toEqual([]);
  });

  test('only the process, the command line and the composition import what speaks HTTP', () => {
    const importers = inside.filter(({ from, to }) => folderOf(to) === 'http' && folderOf(from) !== 'http');
    expect(importers.length).toBeGreaterThan(0);
    expect(importers.filter(({ from }) => !['app.ts', 'main.ts', 'cli'].includes(folderOf(from))).map(spell)).toEqual(
      [],
    );
  });

  test('only the composition root and the command line reach outside src', () => {
    const outside = imports.filter(({ to }) => to.startsWith('..'));
    expect(outside.filter(({ from }) => !['app.ts', 'main.ts', 'cli'].includes(folderOf(from))).map(spell)).toEqual([]);
  });
});

/** Whether all imports of `to` in `from` are erased by the compiler. */
function typeOnly(from: string, to: string): boolean {
  const statements = (textOf.get(from) ?? '').match(/(?:^|\n)(?:import|export)\b[^;]*?from\s*'[^']+'/g) ?? [];
  const those = statements.filter((statement) => importsOf(from, statement)[0]?.to === to);
  return those.length > 0 && those.every((statement) => /^\s*(?:import|export) type\b/.test(statement));
}

describe('one place', () => {
  const mentioning = (pattern: RegExp) => files.filter((file) => pattern.test(textOf.get(file) ?? ''));

  test('only access/shield.ts touches graphql-shield and graphql-middleware', () => {
    const importers = imports.filter(({ to }) => /^graphql-(shield|middleware)\b/.test(to)).map(({ from }) => from);
    expect([...new Set(importers)]).toEqual(['access/shield.ts']);
    const quoted = mentioning(/['"`]graphql-(?:shield|middleware)/);
    expect(quoted).toEqual(['access/shield.ts']);
  });

  test('only config.ts reads the environment', () => {
    expect(
      mentioning(
        /process\s*(?:\?\.|\.)\s*env\b|process\s*\[\s*['"`]env|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b|\benv\b[^;]*from\s*['"]node:process['"]/,
      ),
    ).toEqual(['config.ts']);
  });

  test('only the access engine, the server and the context decide whether an operation may run', () => {
    const importers = inside.filter(({ to }) => to === 'access/preflight.ts').map(({ from }) => from);
    expect([...new Set(importers)].filter((file) => !['access', 'graphql'].includes(folderOf(file)))).toEqual([]);
  });
});

describe('files', () => {
  test('have at most 300 lines', () => {
    const long = files.flatMap((file) => {
      const lines = (textOf.get(file) ?? '').trimEnd().split('\n').length;
      return lines > 300 ? [`${file}: ${lines}`] : [];
    });
    expect(long).toEqual([]);
  });

  test('are named after what they are about', () => {
    const vague =
      /^(utils?|helpers?|common|managers?|services?|misc|shared|lib)$|(^|[.-])(utils?|helpers?|managers?|services?)$/;
    const names = files.flatMap((file) => file.split('/').map((part) => ({ file, name: part.replace(/\.ts$/, '') })));
    expect(names.filter(({ name }) => vague.test(name)).map(({ file }) => file)).toEqual([]);
  });
});

describe('features', () => {
  test('are the folders of the list of modules', () => {
    expect(features.length).toBeGreaterThan(5);
    expect(new Set(features).size).toBe(features.length);
    const foundations = new Set(layers.filter((layer) => layer !== features).flat());
    const folders = new Set(files.filter((file) => file.includes('/')).map(folderOf));
    expect([...folders].filter((folder) => !foundations.has(folder)).sort()).toEqual([...features].sort());
  });

  test.each(features)('%s has an index that exports one module, and nothing else', (feature) => {
    const index = textOf.get(`${feature}/index.ts`) ?? '';
    const exported = index.match(/^export .*$/gm) ?? [];
    expect(exported).toEqual([expect.stringMatching(/^export const \w+: Module = \{/)]);
  });

  test('no file of a feature is imported from outside but its index, types, entities and policies', () => {
    const reached = inside.filter(
      ({ from, to }) =>
        features.includes(folderOf(to)) &&
        folderOf(from) !== folderOf(to) &&
        !['app.ts', 'main.ts', 'cli', 'process'].includes(folderOf(from)) &&
        !/(\/index|\.(type|entity|policy))\.ts$/.test(to),
    );
    expect(reached.map(spell)).toEqual([]);
  });
});
