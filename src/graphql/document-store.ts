import { InMemoryLRUCache } from '@apollo/utils.keyvaluecache';
import { type DocumentNode, TokenKind } from 'graphql';

/** A token with its part of the syntax tree, and of the plans and programs that live as long as the tree. */
const bytesOfToken = 1_000;

/** Which the parser skips and the tokens beside it point to. */
const bytesOfComment = 100;

/** Of a character, in the texts that the tokens point into. */
const bytesOfCharacter = 2;

/**
 * Keeps valid documents by the digest of their text, those that were asked for lately, within so many bytes. The store that
 * Apollo would make counts the syntax tree as JSON, which leaves out the text and the comments that the tree holds on to.
 */
export function documentStore(limit: number): InMemoryLRUCache<DocumentNode> {
  return new InMemoryLRUCache({ maxSize: limit, sizeCalculation: weightOf });
}

function weightOf({ loc }: DocumentNode): number {
  let weight = (loc?.source.body.length ?? 0) * bytesOfCharacter;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) {
    weight += token.kind === TokenKind.COMMENT ? bytesOfComment : bytesOfToken;
  }
  return weight;
}
