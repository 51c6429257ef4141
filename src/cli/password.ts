import { text } from 'node:stream/consumers';
import { generatePassword } from '../users/generated-password.js';

/** The option that both commands with a password have: an argument would be seen by everyone on the machine. */
export const passwordOption = ['--password-stdin', 'read the password from standard input'] as const;

/** A password, and whether it is new and must be told. */
export interface ChosenPassword {
  readonly password: string;
  readonly generated: boolean;
}

/** From standard input without the line's end, or a new one. */
export async function choosePassword(fromInput: boolean): Promise<ChosenPassword> {
  if (!fromInput) {
    return { password: generatePassword(), generated: true };
  }
  return { password: (await text(process.stdin)).replace(/\r?\n$/, ''), generated: false };
}

/** Alone on standard output, so that a script can take it from there. */
export function tell({ password, generated }: ChosenPassword): void {
  if (generated) {
    console.error('The password, shown only this once:');
    console.log(password);
  }
}
