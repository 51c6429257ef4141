import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, test } from '@jest/globals';

/** A short run of the soak, which ends with 1 when anything was not as it should be. */
async function soak(...options: string[]): Promise<{ code: number | null; report: string }> {
  const { DATABASE_URL: _ours, ...env } = process.env;
  const child = spawn('npm', ['run', '--silent', 'soak', '--', ...options], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let report = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    report += text;
  });
  const [code] = await once(child, 'close');
  return { code, report };
}

describe('R11 a long run', () => {
  test('answers as it should, keeps nothing, and ends when told to', async () => {
    const { code, report } = await soak('--minutes', '0.7', '--honest', '8', '--hostile', '4', '--slow', '10');
    expect(report).toMatch(/^\| answers that were not expected \| 0 \|$/m);
    expect(report).toMatch(/^\| unhandled rejections and uncaught errors \| 0 \|$/m);
    expect({ code, report }).toEqual({ code: 0, report });
  });
});
