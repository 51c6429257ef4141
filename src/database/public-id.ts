import { TypeID } from 'typeid-js';

/** Turns the UUID of a row into the TypeID that clients see, and back. */
export interface PublicId {
  readonly prefix: string;
  encode(uuid: string): string;
  /** The UUID, or null when the text is not a well-formed id of this type. */
  decode(text: string): string | null;
}

/** The id format of one type, as https://github.com/jetify-com/typeid describes it. */
export function publicId(prefix: string): PublicId {
  return {
    prefix,
    encode: (uuid) => TypeID.fromUUID(prefix, uuid).toString(),
    decode: (text) => {
      const parsed = parsePublicId(text);
      return parsed !== null && parsed.prefix === prefix ? parsed.uuid : null;
    },
  };
}

/** Prefix and UUID of any well-formed TypeID, or null. */
export function parsePublicId(text: string): { prefix: string; uuid: string } | null {
  if (text.length > 100 || !/^[a-z][a-z_]*_[0-7][0-9a-hjkmnp-tv-z]{25}$/.test(text)) {
    return null;
  }
  const id = TypeID.fromString(text);
  return { prefix: id.getType(), uuid: id.toUUID() };
}
