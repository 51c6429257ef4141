import { describe, expect, test } from '@jest/globals';
import { serverAudits } from 'graphql-http';
import { testServer } from '../helper.js';

const server = testServer();

/** Audits of the GraphQL-over-HTTP specification that this server answers differently, and why. */
const departures: Record<string, string> = {
  '47DE': 'of `*/*` we make the newer media type, as the draft wants it since its watershed of 2025',
  '80D8': 'of no Accept header we make the newer media type, as the draft wants it since its watershed of 2025',
  '5A70': 'GraphQL is served over POST only',
  D6D5: 'GraphQL is served over POST only',
  '6A70': 'GraphQL is served over POST only',
};

describe('the audits of graphql-http', () => {
  const audits = serverAudits({ url: () => server().url });

  test('are all there', () => {
    expect(audits.length).toBeGreaterThanOrEqual(61);
    const known = new Set(audits.map((audit) => audit.id));
    expect(Object.keys(departures).filter((id) => !known.has(id))).toEqual([]);
  });

  test.each(audits.map((audit) => [audit.id, audit.name, audit] as const))('%s %s', async (id, _name, audit) => {
    const result = await audit.fn();
    const reason = 'reason' in result ? result.reason : undefined;
    if (result.status === 'error') {
      throw new Error(reason);
    }
    expect({ status: result.status === 'ok', reason }).toEqual({
      status: !(id in departures),
      reason: id in departures ? expect.any(String) : undefined,
    });
  });
});
