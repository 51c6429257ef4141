import { ConfigError } from '../config.js';

/** What to say where the system's own message would not tell what to do. */
const sentences: Readonly<Record<string, (host: string, port: number) => string>> = {
  EADDRINUSE: (_host, port) => `Port ${port} is in use: stop what listens there, or choose another PORT.`,
  EACCES: (_host, port) => `This user may not listen on port ${port}: choose a PORT of 1024 or higher.`,
  EADDRNOTAVAIL: unknownHost,
  ENOTFOUND: unknownHost,
  EAI_AGAIN: unknownHost,
};

/** Listens; throws a {@link ConfigError} when HOST or PORT is why it cannot. */
export async function listen(
  app: { listen(): Promise<string> },
  { host, port }: { host: string; port: number },
): Promise<string> {
  try {
    return await app.listen();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    throw code in sentences ? new ConfigError(sentences[code]?.(host, port)) : error;
  }
}

function unknownHost(host: string): string {
  return `This machine has no address ${host}: HOST must be one of its own, such as 127.0.0.1 or 0.0.0.0.`;
}
