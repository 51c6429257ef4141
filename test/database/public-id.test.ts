import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { crc32 } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { TypeID } from 'typeid-js';
import { v7 } from 'uuid';
import { parseToken } from '../../src/auth/token-text.js';
import { parsePublicId, publicId } from '../../src/database/public-id.js';

/** What is in use once everything that nothing holds on to is gone. */
function heapUsed(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

const posts = publicId('post');
const uuid = '01890a5d-ac96-774b-bcce-b302099a8057';
const text = 'post_01h455vb4pex5vsknk084sn02q';

describe('a public id', () => {
  test('is a TypeID: the prefix of the type and the UUID in base 32', () => {
    expect(posts.encode(uuid)).toBe(text);
    expect(posts.decode(text)).toBe(uuid);
    expect(parsePublicId(text)).toEqual({ prefix: 'post', uuid });
  });

  test('of every UUID is the way back to it, and to nothing of another type', async () => {
    const users = publicId('user');
    await fc.assert(
      fc.property(fc.uuid(), (each) => {
        const encoded = posts.encode(each);
        expect(encoded).toMatch(/^post_[0-7][0-9a-hjkmnp-tv-z]{25}$/);
        expect(posts.decode(encoded)).toBe(each);
        expect(users.decode(encoded)).toBeNull();
      }),
    );
  });

  test('keeps the order of the keys, so that ids sort by time', async () => {
    await fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (a, b) => {
        expect(posts.encode(a) < posts.encode(b)).toBe(a < b);
      }),
    );
  });

  test('R11, H5: that was a part of a long document keeps nothing else of it', () => {
    const before = heapUsed();
    for (let i = 0; i < 1_000; i += 1) {
      const document = Buffer.alloc(100_000, ' ').toString('latin1') + posts.encode(v7());
      expect(parsePublicId(document.slice(-text.length))?.prefix).toBe('post');
    }
    expect(heapUsed() - before).toBeLessThan(30_000_000);
  });

  test.each([
    ['of another type', 'user_01h455vb4pex5vsknk084sn02q'],
    ['without a prefix', '01h455vb4pex5vsknk084sn02q'],
    ['with an empty prefix', '_01h455vb4pex5vsknk084sn02q'],
    ['in upper case', 'post_01H455VB4PEX5VSKNK084SN02Q'],
    ['with a prefix in upper case', 'Post_01h455vb4pex5vsknk084sn02q'],
    ['beyond 128 bits', 'post_81h455vb4pex5vsknk084sn02q'],
    ['one character short', 'post_01h455vb4pex5vsknk084sn02'],
    ['one character long', 'post_01h455vb4pex5vsknk084sn02qq'],
    ['with a letter that base 32 leaves out', 'post_01h455vb4pex5vsknk084sn02l'],
    ['with white space around it', ` ${text} `],
    ['with a line break behind it', `${text}\n`],
    ['with a NUL behind it', `${text}\0`],
    ['that is a bare UUID', uuid],
    ['that is a number', '1'],
    ['that is empty', ''],
    ['that is huge', 'post_'.repeat(20_000)],
    ['with a prefix that ends in an underscore', 'post__01h455vb4pex5vsknk084sn02q'],
  ])('%s is none of a post', (_case, id) => {
    expect(posts.decode(id)).toBeNull();
  });

  test.each([
    ['ends in an underscore', 'post_'],
    ['is 64 letters long', 'a'.repeat(64)],
    ['is 73 letters long', 'a'.repeat(73)],
  ])('has no prefix that %s, as the specification says', (_case, prefix) => {
    expect(parsePublicId(`${prefix}_01h455vb4pex5vsknk084sn02q`)).toBeNull();
  });

  test('may have an underscore within its prefix, and 63 letters', () => {
    expect(parsePublicId('api_token_01h455vb4pex5vsknk084sn02q')).toEqual({ prefix: 'api_token', uuid });
    expect(parsePublicId(`${'a'.repeat(63)}_01h455vb4pex5vsknk084sn02q`)?.uuid).toBe(uuid);
  });

  test('may hold any 128 bits, because an id that nobody has is no error', async () => {
    await fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const id = TypeID.fromUUIDBytes('post', bytes).toString();
        expect(posts.decode(id)?.replaceAll('-', '')).toBe(Buffer.from(bytes).toString('hex'));
        expect(posts.decode(id)).toMatch(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
      }),
    );
  });

  test('is never guessed from noise, and no noise is an error', async () => {
    await fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: 'binary' }), fc.stringMatching(/^[a-z_]{0,80}_[0-9a-z]{24,27}$/)),
        (noise) => {
          const parsed = parsePublicId(noise);
          expect(parsed === null || `${parsed.prefix}_${noise.slice(-26)}` === noise).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
  });
});

describe('the id within the text of a token', () => {
  test('may hold any 128 bits too, because anyone can work out the checksum', async () => {
    const secret = 'a'.repeat(40);
    await fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        const body = `lk_${TypeID.fromUUIDBytes('', bytes).toString()}_${secret}`;
        const parsed = parseToken('lk', `${body}${checksum(body)}`);
        expect(parsed?.secret).toBe(secret);
        expect(parsed?.id.replaceAll('-', '')).toBe(Buffer.from(bytes).toString('hex'));
      }),
    );
  });
});

/** CRC-32 in six digits of base 62, worked out without the code under test. */
function checksum(text: string): string {
  const digits = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
  const number = crc32(text);
  return [5, 4, 3, 2, 1, 0].map((place) => digits[Math.floor(number / 62 ** place) % 62]).join('');
}
