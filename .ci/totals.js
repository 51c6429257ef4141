// Adds up the results that jest wrote with --json: node .ci/totals.js <file>... A file that fails to run counts as one failure.
import { readFileSync } from 'node:fs';

const results = process.argv.slice(2).map((file) => JSON.parse(readFileSync(file, 'utf8')));
const sum = (count) => results.reduce((total, result) => total + count(result), 0);
const passed = sum((result) => result.numPassedTests);
const failed = sum((result) => result.numFailedTests + result.numRuntimeErrorTestSuites);
console.log(`${passed} passed, ${failed} failed`);
