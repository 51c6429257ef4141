import { isIP } from 'node:net';
import { z } from 'zod';

export const integer = (minimum: number, maximum: number) =>
  z
    .string()
    .regex(/^-?\d{1,9}$/, 'must be a whole number')
    .transform(Number)
    .pipe(z.number().min(minimum, `must be at least ${minimum}`).max(maximum, `must be at most ${maximum}`));

export const origin = z.string().transform((text, context) => {
  try {
    const url = new URL(text);
    if ((url.protocol === 'http:' || url.protocol === 'https:') && url.href === `${url.origin}/`) {
      return url.origin;
    }
  } catch {
    // Falls through to the one message below.
  }
  context.addIssue({ code: 'custom', message: 'must be an origin such as https://app.example.com, without a path' });
  return z.NEVER;
});

export const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  );

export const databaseUrl = z
  .string()
  .refine(
    (text) => /^postgres(ql)?:$/.test(protocolOf(text)) && text.includes('://'),
    'must start with postgres:// or postgresql://',
  );

export const redisUrl = z
  .string()
  .refine(
    (text) => /^rediss?:$/.test(protocolOf(text)) && text.includes('://'),
    'must start with redis:// or rediss://',
  );

export const network = z.string().refine((text) => {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const named = ['loopback', 'linklocal', 'uniquelocal'].includes(text);
  const sized = bits === undefined || (/^[1-9]\d{0,2}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
  return named || (version !== 0 && sized && rest.length === 0);
}, 'must be addresses or networks such as 10.0.0.0/8');

function protocolOf(text: string): string {
  try {
    return new URL(text).protocol;
  } catch {
    return '';
  }
}
