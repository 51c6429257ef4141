import fc from 'fast-check';

/** Before each test file: properties draw the same values again with the PROPERTY_SEED of an earlier run. */
const seed = process.env.PROPERTY_SEED;
if (seed !== undefined) {
  fc.configureGlobal({ seed: Number(seed) });
}
