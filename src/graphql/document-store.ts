import { type DocumentNode, TokenKind } from 'graphql';

/** A token with its part of the syntax tree, and of the plans and programs that live as long as the tree. */
const bytesOfToken = 1_000;

/** Which the parser skips and the tokens beside it point to. */
const bytesOfComment = 100;

/** Of a character, in the texts that the tokens point into. */
const bytesOfCharacter = 2;

/**
 * Valid documents by the digest of their text, within so many bytes: those that were asked for lately stay. The store that
 * Apollo would make counts the syntax tree as JSON, which leaves out the text and the comments that the tree holds on to.
 */
export class DocumentStore {
  #young = new Map<string, DocumentNode>();
  #old: ReadonlyMap<string, DocumentNode> = new Map();
  #weight = 0;

  constructor(private readonly limit: number) {}

  async get(key: string): Promise<DocumentNode | undefined> {
    const young = this.#young.get(key);
    if (young !== undefined) {
      return young;
    }
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#keep(key, old);
    }
    return old;
  }

  async set(key: string, document: DocumentNode): Promise<void> {
    this.#keep(key, document);
  }

  async delete(key: string): Promise<void> {
    this.#young.delete(key);
    this.#old = new Map([...this.#old].filter(([each]) => each !== key));
  }

  /** Half of the limit is for the young; when they outgrow it, they are the old, and the old are forgotten. */
  #keep(key: string, document: DocumentNode): void {
    const weight = weightOf(document);
    if (weight > this.limit / 2) {
      return;
    }
    if (this.#weight + weight > this.limit / 2) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    this.#weight += weight;
    this.#young.set(key, document);
  }
}

function weightOf({ loc }: DocumentNode): number {
  let weight = (loc?.source.body.length ?? 0) * bytesOfCharacter;
  for (let token = loc?.startToken ?? null; token !== null; token = token.next) {
    weight += token.kind === TokenKind.COMMENT ? bytesOfComment : bytesOfToken;
  }
  return weight;
}
