import type { Ability } from '../../form/ability-picker.js';

/** What an address asks a form to be filled in with. */
export interface Prefill {
  readonly name: string;
  /** Null when the address leaves them to the settings. */
  readonly abilities: readonly string[] | null;
  /** Days, a day such as `2027-01-31`, or `never`; null when the address leaves it to the form. */
  readonly expires: string | null;
}

export function readPrefill(search: string): Prefill {
  const params = new URLSearchParams(search);
  const abilities = params.get('abilities');
  return {
    name: params.get('name') ?? '',
    abilities: abilities === null ? null : namesIn(abilities),
    expires: params.get('expires') || null,
  };
}

/** The abilities that a refused request lacked. */
export function readMissing(search: string): readonly string[] {
  return namesIn(new URLSearchParams(search).get('missing') ?? '');
}

function namesIn(list: string): string[] {
  const names = list.split(',').map((name) => name.trim());
  return [...new Set(names)].filter((name) => name !== '');
}

/** The abilities that somebody may give. */
export function onOffer(abilities: readonly Ability[], isAdministrator: boolean): readonly Ability[] {
  return abilities.filter(({ adminOnly }) => isAdministrator || !adminOnly);
}

/** Why some of the names of an address are not ticked, a sentence each. */
export function refusedNames(names: readonly string[], abilities: readonly Ability[], offer: readonly Ability[]) {
  return names.flatMap((name) => {
    if (offer.some((ability) => ability.name === name)) {
      return [];
    }
    return abilities.some((ability) => ability.name === name)
      ? [`“${name}” is for administrators.`]
      : [`“${name}” is not an ability of this server.`];
  });
}
