import { z } from 'zod';
import { checked, text } from './input.js';

const searchShape = z.object({
  search: text
    .max(255, 'must have at most 255 characters.')
    .transform((value) => value.trim())
    .nullish(),
});

/**
 * The condition on a text that contains `search` in any case, taken literally; null when there is nothing to look for.
 * Throws `BAD_USER_INPUT`.
 */
export function containing(search: string | null | undefined): { $ilike: string } | null {
  const wanted = checked(searchShape, { search }).search ?? '';
  return wanted === '' ? null : { $ilike: `%${wanted.replace(/[\\%_]/g, '\\$&')}%` };
}
