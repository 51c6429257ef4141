import { dictionary } from '@zxcvbn-ts/language-common';

/** Passwords of leaks, the most frequent ones first, in lower case. */
const leaked = dictionary['passwords-common'];
const known = new Set(leaked);

/** Leaked ones that people dress up with digits and signs, and what they choose at a server of their own. */
const words = new Set([
  ...leaked.slice(0, 5_000).filter((word) => word.length >= 4),
  ...`passphrase motdepasse contrasena senha wachtwoord haslo pwd default changeit temp temporary letmeinn willkommen
  bienvenue helloworld login logon signin guest user username demo sample example administrator root toor superuser sysadmin
  operator latchkey postgres postgresql mysql database docker kubernetes github google facebook instagram
  january february march april june july august september october november december
  monday tuesday wednesday thursday friday saturday sunday spring summer autumn winter`.split(/\s+/),
]);

/** Digits and signs that stand for letters. */
const disguises: Readonly<Record<string, string>> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
  '!': 'i',
};

/** So many characters around a common word leave it a common password. */
const ornaments = 6;
const runs = [
  '01234567890123456789',
  '98765432109876543210',
  'abcdefghijklmnopqrstuvwxyz',
  'qwertyuiopasdfghjklzxcvbnm',
];

/**
 * Whether a password is among the first that are guessed: one of some 49,000 from leaks, a common word with a few digits or
 * signs around it or in the place of letters, a run of digits or keys, or a few characters over and over. More than the
 * 3,000 that the OWASP ASVS 5.0 asks for in 6.2.4.
 */
export function isCommonPassword(password: string): boolean {
  const text = password
    .normalize('NFKD')
    .replace(/[\p{M}\s]+/gu, '')
    .toLowerCase();
  const core = text.replace(/^[^a-z]+|[^a-z]+$/g, '');
  const plain = core.replace(/[013457@$!]/g, (sign) => disguises[sign] ?? sign);
  const dressed = text.length - core.length <= ornaments && (words.has(core) || words.has(plain));
  const doubled = /^(.+)\1$/.exec(plain)?.[1];
  return known.has(text) || dressed || (doubled !== undefined && words.has(doubled)) || isMonotonous(text);
}

function isMonotonous(text: string): boolean {
  const single = /^((.)\2)+$/.test(text) ? text.replace(/(.)\1/g, '$1') : text;
  return text.length <= 20 && (/^(.{1,6})\1+$/u.test(text) || runs.some((run) => run.includes(single)));
}
