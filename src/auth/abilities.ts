/** The coarse abilities: each implies that action on every resource. */
export const actions = ['create', 'read', 'update', 'delete'] as const;
export type Action = (typeof actions)[number];

/**
 * The names of all fine abilities. Each feature adds its own by declaration merging, so that `tokenCan('post:updat')`
 * does not compile.
 */
// biome-ignore lint/suspicious/noEmptyInterface: features merge their abilities into it
export interface AbilityRegistry {}

export type AbilityName = Action | Extract<AbilityRegistry[keyof AbilityRegistry], string>;

/** Grants everything that the owner may hold; only the CLI gives it. */
export const wildcard = '*';

/** What a feature says of one ability. */
export interface AbilityDeclaration {
  /** A few words for a form. */
  title: string;
  /** One sentence: what a token with it may do. */
  description: string;
  /** Other abilities that come with it; the catalogue refuses names that nobody declares. */
  implies?: readonly string[];
  /** Only an administrator's token can use it. */
  adminOnly?: boolean;
}

/** An ability as the catalogue lists it. */
export interface CatalogueEntry {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly group: string;
  /** Everything that it brings with it, however far down. */
  readonly implies: readonly string[];
  readonly adminOnly: boolean;
}

/** Which abilities a person may hold today. */
export interface AbilityHolder {
  readonly isAdministrator: boolean;
}

const coarse: Record<Action, AbilityDeclaration> = {
  create: { title: 'Create', description: 'Create records of every kind.' },
  read: { title: 'Read', description: 'Read records of every kind.' },
  update: { title: 'Update', description: 'Change records of every kind.' },
  delete: { title: 'Delete', description: 'Delete records of every kind.' },
};

/** The closed list of abilities; an inconsistent one throws when it is built, so that the server cannot start with it. */
export class Catalogue {
  readonly entries: readonly CatalogueEntry[];
  readonly #byName: ReadonlyMap<string, CatalogueEntry>;

  constructor(groups: Record<string, Record<string, AbilityDeclaration>>) {
    const declared = new Map<string, AbilityDeclaration & { group: string }>();
    for (const action of actions) {
      declared.set(action, { ...coarse[action], group: 'all' });
    }
    for (const [group, abilities] of Object.entries(groups)) {
      for (const [name, declaration] of Object.entries(abilities)) {
        if (!/^[a-z][a-z-]*:[a-z][a-z-]*$/.test(name)) {
          throw new Error(`The ability "${name}" of "${group}" must read resource:action.`);
        }
        if (declared.has(name)) {
          throw new Error(`The ability "${name}" is declared twice.`);
        }
        declared.set(name, { ...declaration, group });
      }
    }
    this.entries = [...declared].map(([name, declaration]) => ({
      name,
      title: declaration.title,
      description: declaration.description,
      group: declaration.group,
      implies: impliedBy(name, declared),
      adminOnly: declaration.adminOnly ?? false,
    }));
    this.#byName = new Map(this.entries.map((entry) => [entry.name, entry]));
  }

  get(name: string): CatalogueEntry | undefined {
    return this.#byName.get(name);
  }

  /** Every grant that brings an ability: itself, those that imply it, and the wildcard; none for what nobody declares. */
  grantsOf(name: string): string[] {
    const entries = this.entries.filter((entry) => entry.name === name || entry.implies.includes(name));
    return entries.length > 0 || name === wildcard ? [...entries.map((entry) => entry.name), wildcard] : [];
  }

  /** The names that `holder` may hold today. */
  holdable(holder: AbilityHolder): string[] {
    return this.entries.filter((entry) => holder.isAdministrator || !entry.adminOnly).map((entry) => entry.name);
  }

  /**
   * What a grant is worth today: expanded by `implies`, cut to today's catalogue and to what its owner may hold.
   * A demoted owner's token is demoted with its next request.
   */
  effective(granted: readonly string[], holder: AbilityHolder): ReadonlySet<string> {
    const effective = new Set<string>();
    const add = (entry: CatalogueEntry | undefined) => {
      if (entry !== undefined && (holder.isAdministrator || !entry.adminOnly)) {
        effective.add(entry.name);
      }
    };
    for (const name of granted.includes(wildcard) ? this.#byName.keys() : granted) {
      const entry = this.#byName.get(name);
      add(entry);
      for (const implied of entry?.implies ?? []) {
        add(this.#byName.get(implied));
      }
    }
    return effective;
  }
}

function impliedBy(name: string, declared: ReadonlyMap<string, AbilityDeclaration>): string[] {
  const implied = new Set<string>();
  const visit = (current: string) => {
    const direct: string[] = [...(declared.get(current)?.implies ?? [])];
    if ((actions as readonly string[]).includes(current)) {
      direct.push(...[...declared.keys()].filter((other) => other.endsWith(`:${current}`)));
    }
    for (const next of direct) {
      if (!declared.has(next)) {
        throw new Error(`The ability "${current}" implies "${next}", which nothing declares.`);
      }
      if (next !== name && !implied.has(next)) {
        implied.add(next);
        visit(next);
      }
    }
  };
  visit(name);
  return [...implied];
}
