import { connect, type Socket } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Opens a connection to a server on this machine. */
export function dial(origin: string): Promise<Socket> {
  const { hostname, port } = new URL(origin);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port) }, () => resolve(socket));
    socket.once('error', reject);
  });
}

/** Sends bytes as they are, without a client that would put them right, and reads until the server closes. */
export async function sendRaw(origin: string, ...parts: (string | Uint8Array)[]): Promise<RawAnswer> {
  const socket = await dial(origin);
  for (const part of parts) {
    socket.write(part);
  }
  return parse(await untilClosed(socket));
}

/** A request line and headers, with a blank line at the end; the server is asked to close afterwards. */
export function head(line: string, headers: Record<string, string | number> = {}): string {
  const all = { host: 'localhost', connection: 'close', ...headers };
  return `${line} HTTP/1.1\r\n${Object.entries(all)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('')}\r\n`;
}

/** Everything that arrives until the other side closes, cleanly or not. */
export function untilClosed(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  return new Promise((resolve) => {
    socket.on('data', (chunk) => chunks.push(chunk));
    socket.on('error', () => {});
    socket.on('close', () => resolve(Buffer.concat(chunks).toString('utf8')));
  });
}

export function parse(text: string): RawAnswer {
  const end = text.indexOf('\r\n\r\n');
  const [line = '', ...lines] = text.slice(0, end === -1 ? undefined : end).split('\r\n');
  const headers: Record<string, string> = {};
  for (const header of lines) {
    const colon = header.indexOf(':');
    headers[header.slice(0, colon).toLowerCase()] = header.slice(colon + 1).trim();
  }
  return { status: Number(line.split(' ')[1] ?? 0), headers, body: end === -1 ? '' : text.slice(end + 4) };
}

/** The codes of an answer that must be of the one form that all refusals have; throws when it has another. */
export function refusalCodes(body: string): string[] {
  const parsed = JSON.parse(body) as { errors: { message: unknown; extensions: { code: unknown } }[] };
  if (!Array.isArray(parsed.errors) || parsed.errors.length === 0 || 'data' in parsed) {
    throw new Error(`Not a refusal: ${body}`);
  }
  return parsed.errors.map(({ message, extensions }) => {
    if (typeof message !== 'string' || message === '' || typeof extensions?.code !== 'string') {
      throw new Error(`An error without a message or a code: ${body}`);
    }
    return extensions.code;
  });
}
