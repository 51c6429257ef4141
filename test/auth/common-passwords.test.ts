import { describe, expect, test } from '@jest/globals';
import { dictionary } from '@zxcvbn-ts/language-common';
import { isCommonPassword } from '../../src/auth/common-passwords.js';
import { generatePassword } from '../../src/users/generated-password.js';

describe('A8 a common password', () => {
  // From the tops of the lists that leaks of the last years were made into.
  test.each([
    ...[
      'password',
      'Password1',
      'P@ssw0rd',
      'Pa$$w0rd!',
      'passw0rd123',
      'PASSWORD2024!',
      '123password',
      'password password',
    ],
    ...[
      '12345678',
      '123456789',
      '1234567890',
      '0123456789',
      '87654321',
      '11111111',
      '00000000',
      '12341234',
      '11223344',
    ],
    ...[
      '123123123',
      'abc123abc123',
      'abcd1234',
      'abcdefgh',
      'aaaaaaaa',
      'xyzxyzxyz',
      'aabbaabb',
      '!!!!!!!!',
      '        ',
    ],
    ...[
      'qwertyuiop',
      'Qwerty123',
      'qwerty12345',
      'azerty123',
      'asdfghjkl',
      'zxcvbnm1',
      '1qaz2wsx',
      '1q2w3e4r',
      '1q2w3e4r5t',
    ],
    ...[
      'iloveyou',
      'ILoveYou2',
      'I love you',
      'letmein1',
      'Welcome1',
      'welcome123',
      'admin123',
      'administrator',
      'root1234',
    ],
    ...[
      'changeme',
      'Summer2024',
      'winter22!',
      'sunshine',
      'princess1',
      'football1',
      'superman',
      'trustno1',
      'michael1',
    ],
    ...['dragon12', 'monkey123', 'starwars', 'computer', 'internet', 'whatever', 'latchkey1', 'testtest', 'p4ssw0rd'],
    ...['motdepasse', 'Contraseña1', 'willkommen2026', 'July2026!', 'polniypizdec0211', '1qazxsw23edcvfr4'],
  ])('%s', (password) => {
    expect(isCommonPassword(password)).toBe(true);
  });

  test('is any of those that leaks hold most often', () => {
    const first = dictionary['passwords-common'].slice(0, 3_000);
    expect(first.filter((password) => !isCommonPassword(password))).toEqual([]);
    expect(first.filter((password) => !isCommonPassword(password.toUpperCase()))).toEqual([]);
  });

  test.each([
    'correct horse battery staple',
    'eight-88',
    'monkey business at noon',
    'passwordless since 2019',
    'monkey8812345',
    'Zd7-kk2p',
    '20391746',
    'übermütig',
    'пароль-никому',
    '🙂🙃🙂🙃😀',
    'p'.repeat(1_024),
  ])('is not %s', (password) => {
    expect(isCommonPassword(password)).toBe(false);
  });

  test('is never made by chance', () => {
    expect(Array.from({ length: 500 }, generatePassword).filter(isCommonPassword)).toEqual([]);
  });
});
