import { parseArgs } from 'node:util';

export const workNames = ['posts50', 'viewer', 'updatePost', 'denied', 'session'];
export const comparisonNames = ['guards', 'tokens', 'log'];

const usage = `npm run bench -- [options]

  --rounds n        rounds of each work, of which the median counts (5)
  --seconds n       seconds of load a server gets in each round (5)
  --warm-up n       seconds of load before the first round (3)
  --connections n   connections that send one request after another (16)
  --only a,b        only these of: ${[...workNames, ...comparisonNames].join(', ')}
  --scale           cost against size instead: posts per page, tokens, connections

Uses databases of its own beside the one in DATABASE_URL, or a private PostgreSQL cluster made from the installed
binaries. A run with --only, or of less than five rounds, is printed but not written to bench/results.`;

/** Reads the command line; ends the process for --help and for options that make no sense. */
export function readOptions(args) {
  if (Number(process.versions.node.split('.')[0]) < 24) {
    refuse(
      `The figures are those of Node 24, and this is ${process.versions.node}: npm run bench brings the right one.`,
    );
  }
  let values;
  try {
    ({ values } = parseArgs({
      args,
      options: {
        rounds: { type: 'string', default: '5' },
        seconds: { type: 'string', default: '5' },
        'warm-up': { type: 'string', default: '3' },
        connections: { type: 'string', default: '16' },
        only: { type: 'string' },
        scale: { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    }));
  } catch (error) {
    refuse(error.message);
  }
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  const known = [...workNames, ...comparisonNames];
  const only = values.only?.split(',') ?? known;
  const unknown = only.filter((name) => !known.includes(name));
  if (unknown.length > 0) {
    refuse(`There is no work called ${unknown.join(', ')}.`);
  }
  return {
    rounds: number('rounds', values.rounds, 1, 100),
    seconds: number('seconds', values.seconds, 0.2, 120),
    warmUp: number('warm-up', values['warm-up'], 0, 60),
    connections: number('connections', values.connections, 1, 1_000),
    works: workNames.filter((name) => only.includes(name)),
    comparisons: comparisonNames.filter((name) => only.includes(name)),
    scale: values.scale,
    complete: only.length === known.length && Number(values.rounds) >= 5,
  };
}

function number(name, text, minimum, maximum) {
  const value = Number(text);
  if (!(value >= minimum && value <= maximum)) {
    refuse(`--${name} must be a number from ${minimum} to ${maximum}.`);
  }
  return value;
}

function refuse(message) {
  console.error(`${message}\n\n${usage}`);
  process.exit(2);
}
