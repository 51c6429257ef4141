import { type ASTNode, type DocumentNode, Kind, visit } from 'graphql';

/** More lines than a document that is written by hand needs; a place in them is found in 20 us. */
const linesTold = 1_000;

/**
 * Makes the errors of a document with very many lines tell no places: graphql-js goes through all of its lines for every
 * error, and an answer may have thousands of them.
 */
export function forgetPlaces(document: DocumentNode): void {
  const body = document.loc?.source.body ?? '';
  let lines = 1;
  for (const _ of body.matchAll(/\r\n|[\n\r]/g)) {
    lines += 1;
    if (lines > linesTold) {
      visit(document, { enter: forget });
      return;
    }
  }
}

/** The document itself stands nowhere, and its size is read off its place. */
function forget(node: ASTNode): void {
  if (node.kind !== Kind.DOCUMENT) {
    (node as { loc?: ASTNode['loc'] }).loc = undefined;
  }
}
