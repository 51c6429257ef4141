// Counts which rows of the catalogue of threats are covered by tests that ran and passed: node .ci/catalogue.js <file>...
// Each file is what a run of jest wrote with --json. Ends with 1 when a row that applies is covered by none.
import { readFileSync } from 'node:fs';

const catalogue = JSON.parse(readFileSync(new URL('../test/threats/catalogue.json', import.meta.url), 'utf8'));
const tests = process.argv
  .slice(2)
  .flatMap((file) => JSON.parse(readFileSync(file, 'utf8')).testResults)
  .flatMap((result) => result.assertionResults);

const passed = new Map();
for (const { ancestorTitles, title, status } of tests) {
  const ids = [...ancestorTitles, title].flatMap(
    (name) => /^[HDCAZEXR]\d{1,2}(?:, [HDCAZEXR]\d{1,2})*(?=[:, ])/.exec(name)?.[0].split(', ') ?? [],
  );
  for (const id of new Set(ids)) {
    passed.set(id, (passed.get(id) ?? 0) + (status === 'passed' ? 1 : 0));
  }
}

const missing = [];
const total = { rows: 0, covered: 0, notApplicable: 0 };
for (const { title, rows } of Object.values(catalogue)) {
  const count = { covered: 0, notApplicable: 0, tests: 0 };
  for (const [id, { notApplicable }] of Object.entries(rows)) {
    const tests = passed.get(id) ?? 0;
    count.tests += tests;
    if (notApplicable !== undefined) {
      count.notApplicable += 1;
    } else if (tests > 0) {
      count.covered += 1;
    } else {
      missing.push(id);
    }
  }
  const number = Object.keys(rows).length;
  console.log(
    `${title}: ${number} rows, ${count.covered} covered by ${count.tests} tests, ${count.notApplicable} not applicable`,
  );
  total.rows += number;
  total.covered += count.covered;
  total.notApplicable += count.notApplicable;
}
console.log(
  `Catalogue of threats: ${total.rows} rows, ${total.covered} covered, ${total.notApplicable} not applicable, ${missing.length} missing${missing.length === 0 ? '' : `: ${missing.join(', ')}`}`,
);
process.exitCode = missing.length === 0 ? 0 : 1;
