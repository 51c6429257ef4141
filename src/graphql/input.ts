import { z } from 'zod';
import { isCommonPassword } from '../auth/common-passwords.js';
import { prepared } from '../auth/passwords.js';
import { badUserInput } from '../errors.js';

/** Checks arguments against a shape; throws `BAD_USER_INPUT` whose `fields` name every bad one. */
export function checked<Shape extends z.ZodType>(shape: Shape, input: unknown): z.infer<Shape> {
  const result = shape.safeParse(input);
  if (result.success) {
    return result.data;
  }
  const fields: Record<string, string[]> = {};
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? 'input');
    fields[name] ??= [];
    if (!fields[name].includes(issue.message)) {
      fields[name].push(issue.message);
    }
  }
  throw badUserInput(fields);
}

/** Text that PostgreSQL can hold and that survives the way there and back. */
export const text = z
  .string()
  .refine((value) => !value.includes('\0'), 'must not contain a NUL character.')
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode.');

/** One line of text with something in it, 255 characters at most; outer white space is dropped. */
export const line = text
  .transform((value) => value.trim())
  .pipe(z.string().min(1, 'must not be empty.').max(255, 'must have at most 255 characters.'))
  .pipe(z.string().regex(/^[^\r\n]*$/, 'must be one line.'));

/** Lower case, so that the unique index holds for every spelling. */
export const email = text
  .max(255, 'must have at most 255 characters.')
  .transform((value) => value.trim().toLowerCase())
  .pipe(z.email('must be an e-mail address.'));

const passwordBytes = 1_024;
const passwordLength = 8;

/** A password that is chosen now. The limit is far above any passphrase and keeps hashing cheap. */
export const newPassword = text
  // In the form that is hashed; what is too long anyway is not looked at.
  .refine(
    (value) => value.length > passwordBytes || [...prepared(value)].length >= passwordLength,
    `must have at least ${passwordLength} characters.`,
  )
  .refine((value) => Buffer.byteLength(value) <= passwordBytes, `must have at most ${passwordBytes} bytes.`)
  .pipe(z.string().refine((value) => !isCommonPassword(value), 'is one of the first that anyone would guess.'));

/** A password that is only compared: its length is limited, its strength is not judged. */
export const givenPassword = text.refine(
  (value) => Buffer.byteLength(value) <= passwordBytes,
  `must have at most ${passwordBytes} bytes.`,
);

const credentialsShape = z.object({
  // Not checked for the form of an address: whatever is unknown gets the answer of a wrong password.
  email: text.max(255, 'must have at most 255 characters.').transform((value) => value.trim().toLowerCase()),
  password: givenPassword,
});

/** An e-mail and a password as someone typed them, in the spelling in which they are stored. */
export function credentials(input: { email: string; password: string }): { email: string; password: string } {
  return checked(credentialsShape, input);
}
