import { setTimeout as sleep } from 'node:timers/promises';

/** Reads the live heap of a process that was started with `--inspect=127.0.0.1:<port>`, after a collection of its garbage. */
export async function openHeap(port) {
  const socket = new WebSocket(await addressOf(port));
  await new Promise((resolve, reject) => {
    socket.onopen = resolve;
    socket.onerror = () => reject(new Error('The inspector of the server does not answer.'));
  });
  const waiting = new Map();
  socket.onmessage = ({ data }) => {
    const { id, result } = JSON.parse(data);
    waiting.get(id)?.(result);
    waiting.delete(id);
  };
  let last = 0;
  const ask = (method) =>
    new Promise((resolve) => {
      last += 1;
      waiting.set(last, resolve);
      socket.send(JSON.stringify({ id: last, method }));
    });
  return {
    /** In MiB. */
    async live() {
      await ask('HeapProfiler.collectGarbage');
      const { usedSize } = await ask('Runtime.getHeapUsage');
      return usedSize / 2 ** 20;
    },
    close: () => socket.close(),
  };
}

async function addressOf(port) {
  for (let tries = 0; ; tries += 1) {
    try {
      const [target] = await (await fetch(`http://127.0.0.1:${port}/json`)).json();
      return target.webSocketDebuggerUrl;
    } catch (error) {
      if (tries === 20) {
        throw error;
      }
      await sleep(100);
    }
  }
}
