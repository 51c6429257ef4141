import { randomInt } from 'node:crypto';

/** Without the letters and digits that are taken for one another. */
const alphabet = '23456789abcdefghjkmnpqrstuvwxyz';

/** A password that nobody chose and that is easy to type: four groups of five characters, 99 bits. */
export function generatePassword(): string {
  const group = () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('');
  return [group(), group(), group(), group()].join('-');
}
