import { hash, randomInt, timingSafeEqual } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { TypeID } from 'typeid-js';
import { uuidOf } from '../database/public-id.js';

const base62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const secretLength = 40;
const checksumLength = 6;

/** The parts of a token's text. */
export interface TokenText {
  /** UUID of the token's row. */
  readonly id: string;
  readonly secret: string;
}

/** 40 base62 characters from the system's generator, 238 bits. */
export function newSecret(): string {
  return Array.from({ length: secretLength }, () => base62[randomInt(base62.length)]).join('');
}

/** `<prefix>_<id>_<secret><checksum>`: the only moment at which a token exists as text. */
export function formatToken(prefix: string, { id, secret }: TokenText): string {
  const body = `${tokenHead(prefix, id)}${secret}`;
  return `${body}${checksum(body)}`;
}

/** The part of a token's text that is no secret, by which its owner recognises it. */
export function tokenHead(prefix: string, id: string): string {
  return `${prefix}_${TypeID.fromUUID('', id).getSuffix()}_`;
}

/** Null for anything that is not a token of this server, a wrong checksum included: such text never reaches the database. */
export function parseToken(prefix: string, text: string): TokenText | null {
  const match = /^([a-z][a-z0-9]*)_([0-7][0-9a-hjkmnp-tv-z]{25})_([0-9A-Za-z]{40})([0-9A-Za-z]{6})$/.exec(text);
  if (match === null || match[1] !== prefix) {
    return null;
  }
  const [, , suffix = '', secret = '', check = ''] = match;
  if (checksum(text.slice(0, -checksumLength)) !== check) {
    return null;
  }
  return { id: uuidOf(suffix), secret };
}

/** SHA-256 in hexadecimal. A slow hash would buy nothing: the secret is random, not a password. */
export function hashSecret(secret: string): string {
  return hash('sha256', secret, 'hex');
}

/** Compares in constant time; both are SHA-256 in hexadecimal. */
export function sameHash(a: string, b: string): boolean {
  const left = Buffer.from(a, 'hex');
  const right = Buffer.from(b, 'hex');
  return left.length === right.length && timingSafeEqual(left, right);
}

function checksum(text: string): string {
  let rest = crc32(text);
  let digits = '';
  for (let i = 0; i < checksumLength; i += 1) {
    digits = base62[rest % 62] + digits;
    rest = Math.floor(rest / 62);
  }
  return digits;
}
