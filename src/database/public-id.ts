import { TypeID } from 'typeid-js';

/** Turns the UUID of a row into the TypeID that clients see, and back. */
export interface PublicId {
  readonly prefix: string;
  encode(uuid: string): string;
  /** The UUID, or null when the text is not a well-formed id of this type. */
  decode(text: string): string | null;
}

/** The same records are shown again and again, and to translate an id takes longer than to read its row. */
const rememberedIds = 10_000;

/** The translation with its latest results in memory. */
function remembered(translate: (id: string) => string): (id: string) => string {
  const known = new Map<string, string>();
  return (id) => {
    let translated = known.get(id);
    if (translated === undefined) {
      translated = translate(id);
      if (known.size >= rememberedIds) {
        known.clear();
      }
      // Cut out of a text, an id would keep the whole text alive.
      known.set(Buffer.from(id).toString(), translated);
    }
    return translated;
  };
}

/** The id format of one type, as https://github.com/jetify-com/typeid describes it. */
export function publicId(prefix: string): PublicId {
  return {
    prefix,
    encode: remembered((uuid) => TypeID.fromUUID(prefix, uuid).toString()),
    decode: (text) => {
      const parsed = parsePublicId(text);
      return parsed !== null && parsed.prefix === prefix ? parsed.uuid : null;
    },
  };
}

/** A prefix has at most 63 characters and neither begins nor ends with an underscore; 26 digits of 5 bits hold a UUID. */
const pattern = /^[a-z](?:[a-z_]{0,61}[a-z])?_[0-7][0-9a-hjkmnp-tv-z]{25}$/;

/** Prefix and UUID of any well-formed TypeID, or null. */
export function parsePublicId(text: string): { prefix: string; uuid: string } | null {
  if (text.length > 100 || !pattern.test(text)) {
    return null;
  }
  const at = text.lastIndexOf('_');
  return { prefix: text.slice(0, at), uuid: uuidOf(text.slice(at + 1)) };
}

/**
 * The UUID in the 26 characters behind a prefix, which must be well-formed. Not `toUUID()` of the library, which throws
 * for bits of no known version: an id with such bits is merely nobody's.
 */
export const uuidOf = remembered((suffix) => {
  const hex = Buffer.from(TypeID.fromString(suffix).toUUIDBytes()).toString('hex');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
});
