import { execFileSync } from 'node:child_process';
import { availableParallelism, cpus, loadavg, platform, release, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** Where and when a run took place. */
export function describeMachine(cluster) {
  return {
    date: new Date().toISOString(),
    commit: commit(),
    cpu: cpus()[0]?.model ?? 'unknown',
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${platform()} ${release()}`,
    node: process.versions.node,
    postgresql: `${cluster.version} (${cluster.origin})`,
    loadAtStart: Math.round((loadavg()[0] ?? 0) * 100) / 100,
  };
}

/** The same of a run of the benchmark, with what it was asked to do. */
export function describeRun(cluster, options) {
  return {
    ...describeMachine(cluster),
    rounds: options.rounds,
    secondsPerRound: options.seconds,
    connections: options.connections,
  };
}

/** Whether other processes had the processors, too. */
export function isDisturbed(run) {
  return run.loadAtStart > 1;
}

function commit() {
  const git = (...args) =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    return `${git('rev-parse', '--short', 'HEAD')}${git('status', '--porcelain', '--', 'src') === '' ? '' : ', with changes'}`;
  } catch {
    return 'unknown';
  }
}
