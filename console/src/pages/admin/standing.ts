import type { UserRowFragment as User } from '../../../../schema/documents.js';
import { counted } from './counted.js';

/** What an account can be made. */
export type Standing = 'administrator' | 'ordinary' | 'disabled' | 'enabled';

/** How to get back. */
export const opposite: Readonly<Record<Standing, Standing>> = {
  administrator: 'ordinary',
  ordinary: 'administrator',
  disabled: 'enabled',
  enabled: 'disabled',
};

interface Description {
  readonly variables: { readonly administrator: boolean } | { readonly disabled: boolean };
  /** The verb. */
  readonly action: string;
  readonly title: (name: string) => string;
  readonly consequence: (user: Pick<User, 'name' | 'apiTokenCount'>) => string;
  readonly done: (name: string) => string;
  readonly isDanger: boolean;
}

const signedOut = 'Every browser in which they are signed in is signed out.';

export const standings: Readonly<Record<Standing, Description>> = {
  administrator: {
    variables: { administrator: true },
    action: 'Make administrator',
    title: (name) => `Make ${name} an administrator?`,
    consequence: () =>
      `They will see and change everything here: the settings, all users and all tokens. Their own tokens gain what only administrators may. ${signedOut}`,
    done: (name) => `${name} is an administrator.`,
    isDanger: false,
  },
  ordinary: {
    variables: { administrator: false },
    action: 'Take administration away',
    title: (name) => `Take administration away from ${name}?`,
    consequence: () =>
      `They keep their account. Their tokens lose what only administrators may, with their next request. ${signedOut}`,
    done: (name) => `${name} is no longer an administrator.`,
    isDanger: true,
  },
  disabled: {
    variables: { disabled: true },
    action: 'Disable',
    title: (name) => `Disable ${name}?`,
    consequence: (user) => `They cannot sign in any more. ${signedOut} ${stopping(user)} Nothing of theirs is deleted.`,
    done: (name) => `${name} is disabled and signed out.`,
    isDanger: true,
  },
  enabled: {
    variables: { disabled: false },
    action: 'Enable',
    title: (name) => `Enable ${name}?`,
    consequence: (user) => `They can sign in again. ${reviving(user)}`,
    done: (name) => `${name} is enabled.`,
    isDanger: false,
  },
};

function stopping({ apiTokenCount }: Pick<User, 'apiTokenCount'>): string {
  const count = apiTokenCount ?? 0;
  return count === 0
    ? 'They have no tokens.'
    : `${count === 1 ? 'Their token is' : `Their ${counted(count, 'token')} are`} refused from the next request on.`;
}

function reviving({ apiTokenCount }: Pick<User, 'apiTokenCount'>): string {
  const count = apiTokenCount ?? 0;
  return count === 0
    ? 'They have no tokens.'
    : `${count === 1 ? 'Their token works' : `Their ${counted(count, 'token')} work`} again, unless expired.`;
}
