import {
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLSchema,
  getNamedType,
  isCompositeType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
} from 'graphql';

/** One argument of one field of the schema. */
export interface Place {
  /** As GraphQL writes the coordinate of an argument: `Mutation.createPost(title:)`. */
  readonly coordinate: string;
  readonly argument: string;
  readonly isList: boolean;
  /** A document that gives this argument, and all that the field requires beside it, as variables. */
  readonly document: string;
  /** The names of those variables, this argument's own among them. */
  readonly variables: readonly string[];
  /** The same document with this argument as a literal. */
  literal(text: string): string;
}

/** How to come to a field of a type that is no root type. */
const ways: Readonly<Record<string, (selection: string) => string>> = {
  Query: (selection) => `{ ${selection} }`,
  Mutation: (selection) => `{ ${selection} }`,
  Viewer: (selection) => `{ viewer { ${selection} } }`,
  User: (selection) => `{ viewer { user { ${selection} } } }`,
};

/** Every argument of a type, wherever it stands; `selections` say what is read of some fields. */
export function placesOf(
  schema: GraphQLSchema,
  type: 'String' | 'ID',
  selections: Readonly<Record<string, string>> = {},
): Place[] {
  return Object.values(schema.getTypeMap()).flatMap((owner) => {
    if (!isObjectType(owner) || isIntrospectionType(owner)) {
      return [];
    }
    return Object.values(owner.getFields()).flatMap((field) =>
      field.args
        .filter((argument) => getNamedType(argument.type).name === type)
        .map((argument) => place(owner.name, field, argument, selections[`${owner.name}.${field.name}`])),
    );
  });
}

function place(
  owner: string,
  field: GraphQLField<unknown, unknown>,
  argument: GraphQLArgument,
  selection = '{ __typename }',
): Place {
  const way = ways[owner];
  if (way === undefined) {
    throw new Error(`How does one come to ${owner}.${field.name}?`);
  }
  const given = field.args.filter(
    (each) => each === argument || (isNonNullType(each.type) && each.defaultValue === undefined),
  );
  const document = (variables: readonly GraphQLArgument[], literal?: string) => {
    const head = variables.map(({ name, type }) => `$${name}: ${type}`).join(', ');
    const values = given.map(({ name }) =>
      name === argument.name && literal !== undefined ? `${name}: ${literal}` : `${name}: $${name}`,
    );
    const selected = isCompositeType(getNamedType(field.type)) ? ` ${selection}` : '';
    const kind = owner === 'Mutation' ? 'mutation' : 'query';
    const body = way(`${field.name}(${values.join(', ')})${selected}`);
    return `${kind}${head === '' ? '' : ` (${head})`} ${body}`;
  };
  return {
    coordinate: `${owner}.${field.name}(${argument.name}:)`,
    argument: argument.name,
    isList: isListType(isNonNullType(argument.type) ? argument.type.ofType : argument.type),
    document: document(given),
    variables: given.map(({ name }) => name),
    literal: (text) =>
      document(
        given.filter((each) => each !== argument),
        text,
      ),
  };
}
