import { slope } from './watch.js';

/** The first part of a run, in which caches and heap find their size, does not count for the slope. */
const settlingShare = 0.25;

/** Everything that is told about a run, as Markdown, and by how much the live heap grew once it had settled. */
export function report({ run, tally, samples, heaps, log, exit, descriptorsAtRest }) {
  const settled = samples.filter(({ seconds }) => seconds > run.minutes * 60 * settlingShare);
  const live = heaps.filter(({ seconds }) => seconds > run.minutes * 60 * settlingShare).map(({ liveMiB }) => liveMiB);
  const heapGrewMiB = (live.at(-1) ?? 0) - (live[0] ?? 0);
  const growth = slope(settled.map(({ seconds, rssMiB }) => [seconds / 600, rssMiB]));
  const of = (key, pick) => pick(...settled.map((sample) => sample[key]));
  const livez = settled.map(({ livezMs }) => livezMs).sort((a, b) => a - b);
  const facts = [
    ['requests', `${tally.requests} (${Math.round(tally.requests / (run.minutes * 60))} a second)`],
    ['answers that were not expected', tally.unexpected],
    [
      'latency p50, p99',
      `${tally.percentile(0.5).toFixed(1)} ms, ${tally.percentile(0.99).toFixed(1)} ms, hashing of passwords included`,
    ],
    [
      'memory (RSS), least and most',
      `${of('rssMiB', Math.min).toFixed(0)} and ${of('rssMiB', Math.max).toFixed(0)} MiB`,
    ],
    ['slope of the memory', `${growth.toFixed(1)} MiB in ten minutes, by least squares over the last three quarters`],
    [
      'live heap after a collection',
      `${live[0]?.toFixed(1)} MiB after the first quarter, ${live.at(-1)?.toFixed(1)} MiB at the end, at most ${Math.max(...live).toFixed(1)} MiB`,
    ],
    [
      'descriptors, least and most',
      `${of('descriptors', Math.min)} and ${of('descriptors', Math.max)}; at rest afterwards ${descriptorsAtRest}`,
    ],
    [
      'connections to PostgreSQL, most',
      `${of('connections', Math.max)}, with a pool of ${run.poolSize} and two beside it`,
    ],
    ['`/livez` p99', `${(livez[Math.floor(livez.length * 0.99)] ?? Number.NaN).toFixed(1)} ms`],
    ['`/livez` without an answer', samples.filter(({ alive }) => !alive).length],
    ['unhandled rejections and uncaught errors', log.unhandled],
    ['lines in the log at `warn` and above', log.lines],
    ['end', `SIGTERM, exit code ${exit}`],
  ];
  const markdown = `${[
    `${run.minutes} minutes on ${run.date.slice(0, 10)}, commit ${run.commit}; ${run.cores} cores (${run.cpu}), ${run.memoryGiB} GiB, shared by the server, PostgreSQL ${run.postgresql} and the load; Node ${run.node}. ` +
      `${run.honest} honest actors, ${run.hostile} hostile ones and ${run.slow} connections that dawdle.`,
    '',
    '| what | figure |',
    '|---|---|',
    ...facts.map(([what, figure]) => `| ${what} | ${figure} |`),
    '',
    '| outcome | answers |',
    '|---|---:|',
    ...tally
      .outcomes()
      .map(([outcome, count]) => `| ${/^\d+$/.test(outcome) ? `${outcome}, no error` : outcome} | ${count} |`),
    '',
    '| act | requests | outcomes |',
    '|---|---:|---|',
    ...tally
      .rows()
      .map(
        ({ act, requests, outcomes }) =>
          `| ${act} | ${requests} | ${[...outcomes].map(([outcome, count]) => `${outcome} ${count}`).join(', ')} |`,
      ),
    ...(tally.surprises.length === 0
      ? []
      : ['', 'Not expected:', '', ...tally.surprises.map((line) => `- \`${line.replaceAll('`', "'")}\``)]),
    ...(log.kinds.size === 0
      ? []
      : ['', 'In the log:', '', ...[...log.kinds].map(([kind, count]) => `- ${count} × ${kind}`)]),
  ].join('\n')}\n`;
  return { markdown, heapGrewMiB };
}
