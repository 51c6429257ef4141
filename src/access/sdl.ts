import {
  type ConstDirectiveNode,
  type GraphQLSchema,
  Kind,
  lexicographicSortSchema,
  parse,
  parseConstValue,
  print,
  printSchema,
  visit,
} from 'graphql';
import { alternatives } from './denial.js';
import type { AccessTree, GuardedField } from './tree.js';

const definition = `
"""What a field asks of whoever selects it. All of it must hold. The directive is printed, and never sent by clients."""
directive @guard(
  """Alternatives; a token needs all abilities of any one of these lists."""
  abilities: [[String!]!]
  """Only administrators."""
  administrator: Boolean
  """Further rules, by name."""
  conditions: [String!]
  """The kind of credential: any at all, a first-party session, or a token."""
  credential: GuardCredential
  """Why the field is open to anyone."""
  open: String
  """The decision on the record, once it is known: the entity and the action."""
  policy: String
) on FIELD_DEFINITION

"""A kind of credential."""
enum GuardCredential {
  """A session or a token."""
  ANY
  """A first-party session."""
  SESSION
  """A bearer token."""
  TOKEN
}
`;

/** The SDL of a guarded schema, sorted, with a \`@guard\` on every field. */
export function printGuardedSchema(schema: GraphQLSchema, tree: AccessTree): string {
  const document = parse(printSchema(lexicographicSortSchema(schema)));
  const guarded = visit(document, {
    ObjectTypeDefinition: (type) => ({
      ...type,
      fields: type.fields?.map((field) => ({
        ...field,
        directives: [...(field.directives ?? []), directive(tree.field(type.name.value, field.name.value))],
      })),
    }),
  });
  return `# Made by \`npm run generate\` from the resolvers; changes here are lost.\n\n${print(parse(definition))}\n\n${print(guarded)}\n`;
}

function directive(field: GuardedField): ConstDirectiveNode {
  const { principalRules, recordRules } = field;
  const required = principalRules.flatMap((rule) => (rule.abilities === undefined ? [] : [rule.abilities]));
  const credentials = principalRules.flatMap((rule) => rule.credential ?? []);
  const values: Record<string, unknown> = {
    abilities: required.length === 0 ? undefined : alternatives(required),
    policy: recordRules.map((rule) => `${rule.policy.name}.${rule.action}`).join(' & ') || undefined,
    credential: credentials.find((credential) => credential !== 'ANY') ?? credentials[0],
    administrator: principalRules.some((rule) => rule.administrator) || undefined,
    open: principalRules.find((rule) => rule.reason !== undefined)?.reason,
    conditions: conditions(field),
  };
  return {
    kind: Kind.DIRECTIVE,
    name: { kind: Kind.NAME, value: 'guard' },
    arguments: Object.entries(values)
      .filter(([, value]) => value !== undefined)
      .map(([name, value]) => ({
        kind: Kind.ARGUMENT,
        name: { kind: Kind.NAME, value: name },
        value:
          name === 'credential' ? { kind: Kind.ENUM, value: String(value) } : parseConstValue(JSON.stringify(value)),
      })),
  };
}

/** The rules that no other argument tells of. */
function conditions({ rules }: GuardedField): string[] | undefined {
  const names = rules
    .filter((rule) => rule.kind !== 'record')
    .filter((rule) => rule.kind !== 'principal' || (rule.credential === undefined && rule.reason === undefined))
    .map((rule) => rule.name);
  return names.length === 0 ? undefined : names;
}
