import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isAbstractType,
  isCompositeType,
  isListType,
  isNonNullType,
  isObjectType,
  isRequiredArgument,
} from 'graphql';

/** A document with one chosen operation, and the variables to send with it. */
export interface RandomDocument {
  readonly text: string;
  readonly operationName: string;
  readonly variables: Record<string, boolean>;
  /** Whether the chosen operation selects a field below which only the run can decide. */
  readonly late: boolean;
}

const maximumDepth = 5;

/**
 * Reads choices off a tape of numbers and writes a valid document by them: aliases, inline and named fragments, fragments
 * on interfaces, `@skip` and `@include` with literals and variables, and several operations.
 */
export class DocumentWriter {
  private readonly fragments: string[] = [];
  private readonly used = new Set<string>();
  private readonly defaults = new Map<string, boolean>();
  private position = 0;
  private names = 0;
  private late = false;

  constructor(
    private readonly schema: GraphQLSchema,
    private readonly tape: readonly number[],
    /** The coordinates of fields after which someone else may be asking. */
    private readonly changing: ReadonlySet<string>,
    /** Queries only, without directives and without interfaces. */
    private readonly plain = false,
  ) {}

  write(): RandomDocument {
    const operations = Array.from({ length: 1 + this.choose(2) }, (_, index) => this.operation(`Operation${index}`));
    const chosen = operations[this.choose(operations.length)];
    if (chosen === undefined) {
      throw new Error('No operation was written.');
    }
    return {
      text: [...operations.map(({ text }) => text), ...this.fragments].join('\n'),
      operationName: chosen.name,
      variables: chosen.variables,
      late: chosen.late,
    };
  }

  private operation(name: string) {
    this.used.clear();
    this.defaults.clear();
    this.late = false;
    const kind = this.choose(4) === 0 && !this.plain ? 'mutation' : 'query';
    const root = kind === 'mutation' ? this.schema.getMutationType() : this.schema.getQueryType();
    const selection = this.selection(root as GraphQLObjectType, 0, false);
    const variables: Record<string, boolean> = {};
    const declarations = [...this.used].map((variable) => {
      switch (this.choose(3)) {
        case 0:
          this.defaults.set(variable, this.choose(2) === 0);
          return `$${variable}: Boolean! = ${this.defaults.get(variable)}`;
        default:
          variables[variable] = this.choose(2) === 0;
          return `$${variable}: Boolean!`;
      }
    });
    return {
      name,
      variables,
      late: this.late,
      text: `${kind} ${name}${declarations.length > 0 ? `(${declarations.join(', ')})` : ''} ${selection}`,
    };
  }

  private selection(type: GraphQLObjectType, depth: number, inFragment: boolean): string {
    const parts = Array.from({ length: 1 + this.choose(3) }, () => this.part(type, depth, inFragment));
    return `{ ${parts.join(' ')} }`;
  }

  private part(type: GraphQLObjectType, depth: number, inFragment: boolean): string {
    const condition = this.choose(2) === 0 ? '' : this.condition(type);
    switch (depth < maximumDepth ? this.choose(6) : 5) {
      case 0:
        return `...${condition}${this.directive(inFragment)} ${this.selection(type, depth + 1, inFragment)}`;
      case 1: {
        // Variables of a named fragment would have to be declared by every operation that uses it, so it has none.
        const name = `Fragment${this.fragments.length}`;
        const place = this.fragments.push('') - 1;
        this.fragments[place] = `fragment ${name} on ${type.name} ${this.selection(type, depth + 1, true)}`;
        return `...${name}${this.directive(inFragment)}`;
      }
      default:
        return this.field(type, depth, inFragment);
    }
  }

  private field(type: GraphQLObjectType, depth: number, inFragment: boolean): string {
    const fields = Object.values(type.getFields()).filter(({ type: of }) => {
      const below = getNamedType(of);
      return (depth < maximumDepth || !isCompositeType(below)) && !(this.plain && isAbstractType(below));
    });
    const field = fields[this.choose(fields.length)] as GraphQLField<unknown, unknown> | undefined;
    this.names += 1;
    if (field === undefined) {
      return `f${this.names}: __typename @include(if: false)`;
    }
    const required = field.args.filter(isRequiredArgument);
    const args =
      required.length > 0 ? `(${required.map((each) => `${each.name}: ${literalFor(each)}`).join(', ')})` : '';
    const below = getNamedType(field.type);
    let selection = '';
    if (isObjectType(below)) {
      this.late ||= this.changing.has(`${type.name}.${field.name}`);
      selection = ` ${this.selection(below, depth + 1, inFragment)}`;
    } else if (isAbstractType(below)) {
      this.late = true;
      const types = this.schema.getPossibleTypes(below);
      const onTypes = Array.from({ length: 1 + this.choose(3) }, () => {
        const concrete = types[this.choose(types.length)] as GraphQLObjectType;
        return `... on ${concrete.name} ${this.selection(concrete, depth + 1, inFragment)}`;
      });
      this.names += 1;
      selection = ` { i${this.names}: id ${onTypes.join(' ')} }`;
    }
    return `f${this.names}: ${field.name}${args}${this.directive(inFragment)}${selection}`;
  }

  private condition(type: GraphQLObjectType): string {
    const interfaces = type.getInterfaces();
    const onInterface = this.choose(3) === 0 && interfaces[0] !== undefined && !this.plain;
    this.names += 1;
    // On an interface only the fields of the interface could be selected, so the members of the type follow behind it.
    return onInterface ? ` on ${interfaces[0]?.name} { i${this.names}: id } ... on ${type.name}` : ` on ${type.name}`;
  }

  private directive(inFragment: boolean): string {
    const kind = this.choose(2) === 0 ? 'include' : 'skip';
    switch (this.plain ? 7 : this.choose(8)) {
      case 0:
        return ` @${kind}(if: ${this.choose(2) === 0})`;
      case 1: {
        if (inFragment) {
          return '';
        }
        const variable = `v${this.choose(3)}`;
        this.used.add(variable);
        return ` @${kind}(if: $${variable})`;
      }
      default:
        return '';
    }
  }

  private choose(options: number): number {
    const number = this.tape[this.position % this.tape.length] ?? 0;
    this.position += 1;
    // The position takes part, so that a tape that is read twice does not choose the same again.
    return (number + Math.floor(this.position / this.tape.length)) % options;
  }
}

function literalFor({ type }: GraphQLArgument): string {
  const inner: GraphQLInputType = isNonNullType(type) ? type.ofType : type;
  if (isListType(inner)) {
    return '[]';
  }
  return { Int: '1', Boolean: 'true' }[getNamedType(inner).name] ?? '"x"';
}
