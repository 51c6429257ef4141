import { createHash } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatToken, hashSecret, newSecret, parseToken, sameHash, tokenHead } from '../../src/auth/token-text.js';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

const secrets = fc.string({ unit: fc.constantFrom(...base62), minLength: 40, maxLength: 40 });
const prefixes = fc
  .tuple(
    fc.constantFrom(...'abcxyz'),
    fc.string({ unit: fc.constantFrom(...'abcxyz0189'), minLength: 0, maxLength: 15 }),
  )
  .map(([first, rest]) => first + rest);
const tokens = fc
  .record({ prefix: prefixes, id: fc.uuid(), secret: secrets })
  .map((token) => ({ ...token, text: formatToken(token.prefix, token) }));

/** CRC-32 (ISO 3309), bit by bit: an oracle that shares nothing with the one under test. */
function crc32(text: string): number {
  let crc = 0xffffffff;
  for (const byte of Buffer.from(text)) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) {
      crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
    }
  }
  return (crc ^ 0xffffffff) >>> 0;
}

function fromBase62(digits: string): number {
  return [...digits].reduce((value, digit) => value * 62 + base62.indexOf(digit), 0);
}

describe('A3 the text of a token', () => {
  test('a known token reads as the format says', () => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057';
    const text = formatToken('lk', { id, secret: '0'.repeat(40) });
    expect(text.slice(0, -6)).toBe(`lk_01h455vb4pex5vsknk084sn02q_${'0'.repeat(40)}`);
    expect(crc32('123456789')).toBe(0xcbf43926);
    expect(fromBase62(text.slice(-6))).toBe(crc32(text.slice(0, -6)));
  });

  test('every token is prefix, id in base32, 40 base62 characters and 6 of checksum', () => {
    fc.assert(
      fc.property(tokens, ({ prefix, secret, text }) => {
        const match = /^([a-z][a-z0-9]*)_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-9A-Za-z]{40})([0-9A-Za-z]{6})$/.exec(text);
        expect(match?.[1]).toBe(prefix);
        expect(match?.[3]).toBe(secret);
        expect(fromBase62(match?.[4] ?? '')).toBe(crc32(text.slice(0, -6)));
      }),
    );
  });

  test('parsing gives back what was formatted', () => {
    fc.assert(
      fc.property(tokens, ({ prefix, id, secret, text }) => {
        expect(parseToken(prefix, text)).toEqual({ id, secret });
      }),
    );
  });

  test('every change of one character is refused, wherever it falls', () => {
    const text = formatToken('lk', { id: '01890a5d-ac96-774b-bcce-b302099a8057', secret: newSecret() });
    expect(parseToken('lk', text)).not.toBeNull();
    const changed = [...text].flatMap((original, at) =>
      [...`${base62}_- \0é`]
        .filter((character) => character !== original)
        .map((character) => text.slice(0, at) + character + text.slice(at + 1)),
    );
    expect(changed.length).toBeGreaterThan(text.length * 60);
    expect(changed.filter((each) => parseToken('lk', each) !== null)).toEqual([]);
  });

  test('a character too many, one too few, and two that change places are refused', () => {
    fc.assert(
      fc.property(tokens, fc.nat(), fc.constantFrom(...base62), ({ prefix, text }, place, character) => {
        const at = place % text.length;
        expect(parseToken(prefix, text.slice(0, at) + character + text.slice(at))).toBeNull();
        expect(parseToken(prefix, text.slice(0, at) + text.slice(at + 1))).toBeNull();
        const [here = '', next = ''] = text.slice(at, at + 2);
        fc.pre(here !== next && next !== '');
        expect(parseToken(prefix, text.slice(0, at) + next + here + text.slice(at + 2))).toBeNull();
      }),
    );
  });

  test('a token of a server with another prefix is refused', () => {
    fc.assert(
      fc.property(tokens, prefixes, ({ prefix, text }, other) => {
        fc.pre(prefix !== other);
        expect(parseToken(other, text)).toBeNull();
      }),
    );
  });

  test('white space around it, a line break behind it and another case are refused', () => {
    const text = formatToken('lk', { id: '01890a5d-ac96-774b-bcce-b302099a8057', secret: newSecret() });
    for (const changed of [
      ` ${text}`,
      `${text} `,
      `${text}\n`,
      `${text}\r\n`,
      text.toUpperCase(),
      text.toLowerCase(),
    ]) {
      expect(parseToken('lk', changed)).toBeNull();
    }
  });

  test('any text at all is answered with a token or with null, never with an error', () => {
    const texts = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: fc.constantFrom(...base62, '_', '|'), maxLength: 90 }).map((rest) => `lk_${rest}`),
    );
    fc.assert(fc.property(texts, (text) => parseToken('lk', text) === null));
  });
});

describe('the secret of a token', () => {
  test('has 40 base62 characters, of which every one turns up', () => {
    const drawn = Array.from({ length: 500 }, newSecret);
    expect(drawn.filter((secret) => !/^[0-9A-Za-z]{40}$/.test(secret))).toEqual([]);
    expect(new Set(drawn).size).toBe(drawn.length);
    expect([...new Set(drawn.join(''))].sort().join('')).toBe([...base62].sort().join(''));
  });

  test('is not part of what its owner recognises it by', () => {
    fc.assert(
      fc.property(tokens, ({ prefix, id, secret, text }) => {
        expect(text.startsWith(tokenHead(prefix, id))).toBe(true);
        expect(tokenHead(prefix, id)).toBe(text.slice(0, -(secret.length + 6)));
      }),
    );
  });

  test('is kept as SHA-256 in hexadecimal', () => {
    fc.assert(
      fc.property(secrets, (secret) => {
        expect(hashSecret(secret)).toBe(createHash('sha256').update(secret, 'ascii').digest('hex'));
      }),
    );
  });

  test('is right only when the whole hash is the same', () => {
    fc.assert(
      fc.property(secrets, secrets, fc.nat(63), (secret, other, at) => {
        const hash = hashSecret(secret);
        expect(sameHash(hash, hash)).toBe(true);
        expect(sameHash(hash, hashSecret(other))).toBe(secret === other);
        const flipped = hash.slice(0, at) + (hash[at] === '0' ? '1' : '0') + hash.slice(at + 1);
        expect(sameHash(hash, flipped)).toBe(false);
        expect(sameHash(hash, hash.slice(0, -2))).toBe(false);
        expect(sameHash(hash, '')).toBe(false);
      }),
    );
  });
});
