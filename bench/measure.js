import { load, requestBytes } from './load.js';
import { verify } from './verify.js';

/**
 * Measures one work on several servers in rounds. All servers run all the time; in each round every one of them is
 * loaded in turn, and the order rotates, so that what else the machine does falls on all of them alike.
 *
 * `subjects` are `{ server, work, database }`; the works may differ, as with two sizes of one table.
 */
export async function measure(name, subjects, options) {
  const prepared = [];
  for (const { server, work, database } of subjects) {
    const accepts = await verify(server, name, work, database);
    const requestsFor = (connection) =>
      work.requests(server.kind, database, connection).map((request) => requestBytes(server.port, request));
    prepared.push({ server, accepts, requests: Array.from({ length: options.connections }, (_, i) => requestsFor(i)) });
  }
  for (const subject of prepared) {
    await loadOnce(name, subject, options, options.warmUp);
  }
  const rounds = prepared.map(() => []);
  for (let round = 0; round < options.rounds; round += 1) {
    for (let turn = 0; turn < prepared.length; turn += 1) {
      const index = (round + turn) % prepared.length;
      rounds[index].push(await loadOnce(name, prepared[index], options, options.seconds));
    }
  }
  return prepared.map(({ server }, index) => ({ server: server.label, ...summarise(rounds[index], rounds[0]) }));
}

async function loadOnce(name, { server, accepts, requests }, { connections }, seconds) {
  const before = server.cpuSeconds();
  const result = await load({
    port: server.port,
    requestsFor: (connection) => requests[connection],
    connections,
    seconds,
    accepts,
  });
  if (result.refused > 0) {
    throw new Error(
      `${server.label} gave ${result.refused} of ${result.answers} wrong answers to ${name} under load, such as: ` +
        `${result.example}\n${server.complaints()}`,
    );
  }
  const after = server.cpuSeconds();
  const cpuMicroseconds = before === null ? null : ((after - before) / result.answers) * 1e6;
  return { ...result, cpuMicroseconds, rssMiB: server.rssMiB() };
}

/** Medians over the rounds; the ratio is that of each round to the first server's same round. */
function summarise(own, first) {
  const of = (key) => median(own.map((round) => round[key]));
  return {
    requestsPerSecond: of('requestsPerSecond'),
    ratio: median(own.map((round, index) => round.requestsPerSecond / first[index].requestsPerSecond)),
    p50: of('p50'),
    p99: of('p99'),
    cpuMicroseconds: own[0].cpuMicroseconds === null ? null : of('cpuMicroseconds'),
    cpuRatio:
      own[0].cpuMicroseconds === null
        ? null
        : median(own.map((round, index) => round.cpuMicroseconds / first[index].cpuMicroseconds)),
    rssMiB: own.at(-1).rssMiB,
    rounds: own.map(({ requestsPerSecond }) => Math.round(requestsPerSecond)),
  };
}

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
