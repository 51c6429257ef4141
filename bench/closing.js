/** What has to be undone at the end, however the end comes: the last thing first. */
const closers = [];
let closing;

export function atEnd(close) {
  closers.push(close);
}

export function closeAll() {
  closing ??= (async () => {
    for (let close = closers.pop(); close !== undefined; close = closers.pop()) {
      try {
        await close();
      } catch (error) {
        console.error(error);
      }
    }
  })();
  return closing;
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.once(signal, () => {
    void closeAll().then(() => process.exit(1));
  });
}
