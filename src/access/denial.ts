import type { Credential } from '../auth/principal.js';
import {
  apiDisabled,
  csrfRefused,
  type ErrorCode,
  forbidden,
  insufficientAbilities,
  type Refusal,
  sessionRequired,
  unauthenticated,
} from '../errors.js';
import { editTokenPath } from './console-path.js';

/** Why a rule does not hold. */
export type Denial =
  | { code: 'UNAUTHENTICATED' | 'SESSION_REQUIRED' | 'API_DISABLED' | 'CSRF_REFUSED' }
  | { code: 'FORBIDDEN'; message?: string }
  | { code: 'INSUFFICIENT_ABILITIES'; alternatives: readonly string[] };

/** A denial and where it fell. */
export interface LocatedDenial {
  readonly denial: Denial;
  readonly coordinates: readonly string[];
}

/** Which one is told when several rules fail: the one that has to be mended first. */
const order: ErrorCode[] = [
  'CSRF_REFUSED',
  'UNAUTHENTICATED',
  'SESSION_REQUIRED',
  'API_DISABLED',
  'INSUFFICIENT_ABILITIES',
  'FORBIDDEN',
];

/**
 * One refusal for all denials of a document; for abilities it lists every one that is missing, with the places, and says
 * where the owner of a token can add them.
 */
export function refusal(
  denials: readonly LocatedDenial[],
  required: string[][],
  credential: Pick<Credential, 'kind' | 'id' | 'granted'>,
): Refusal {
  const code = order.find((candidate) => denials.some(({ denial }) => denial.code === candidate));
  switch (code) {
    case 'CSRF_REFUSED':
      return csrfRefused();
    case 'UNAUTHENTICATED':
      return unauthenticated();
    case 'SESSION_REQUIRED':
      return sessionRequired();
    case 'API_DISABLED':
      return apiDisabled();
    case 'INSUFFICIENT_ABILITIES': {
      const { missing, coordinates } = shortfall(denials, required);
      const fix = editTokenPath(credential, missing);
      return insufficientAbilities({
        required,
        granted: [...credential.granted].sort(),
        missing,
        coordinates,
        ...(fix === null ? {} : { fix }),
      });
    }
    default: {
      const first = denials.find(({ denial }) => denial.code === 'FORBIDDEN')?.denial;
      return forbidden(first?.code === 'FORBIDDEN' ? first.message : undefined);
    }
  }
}

interface Shortfall {
  readonly missing: string[];
  readonly coordinates: string[];
}

const shortfalls = new WeakMap<string[][], Map<string, Shortfall>>();
const shortfallLimit = 100;

/** What is missing and where, by the rules that do not hold; kept as long as what the same document requires. */
function shortfall(denials: readonly LocatedDenial[], required: string[][]): Shortfall {
  const short = denials.flatMap(({ denial, coordinates }) =>
    denial.code === 'INSUFFICIENT_ABILITIES' ? [{ alternatives: denial.alternatives, coordinates }] : [],
  );
  const known = shortfalls.get(required) ?? new Map<string, Shortfall>();
  const key = short.map((each) => each.alternatives.join('|')).join();
  let found = known.get(key);
  if (found === undefined) {
    found = {
      missing: [...new Set(short.map((each) => each.alternatives[0] ?? ''))].sort(),
      coordinates: [...new Set(short.flatMap((each) => each.coordinates))].sort(),
    };
    if (known.size < shortfallLimit) {
      shortfalls.set(required, known.set(key, found));
    }
  }
  return found;
}

/**
 * From "any of these, and any of those" to the smallest sets that satisfy all: `[[a], [b, c]]` gives `[[a, b], [a, c]]`.
 * Sets that contain another one are dropped, and so are those past the first hundred.
 */
export function alternatives(requirements: readonly (readonly string[])[]): string[][] {
  let sets: Set<string>[] = [new Set()];
  for (const requirement of requirements) {
    const next = sets.flatMap((set) =>
      requirement.some((ability) => set.has(ability)) ? [set] : requirement.map((ability) => new Set(set).add(ability)),
    );
    sets = next
      .filter(
        (set, index) =>
          !next.some((other, at) => at !== index && isSubset(other, set) && (other.size < set.size || at < index)),
      )
      .slice(0, 100);
  }
  return sets.map((set) => [...set].sort());
}

function isSubset(small: ReadonlySet<string>, large: ReadonlySet<string>): boolean {
  return small.size <= large.size && [...small].every((item) => large.has(item));
}
