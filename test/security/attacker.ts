import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A web site of somebody else, whose pages say what a test lets them say. */
export class Attacker {
  #html = '';

  private constructor(private readonly server: Server) {}

  static async start(): Promise<Attacker> {
    const server = createServer();
    const attacker = new Attacker(server);
    server.on('request', (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8' }).end(attacker.#html);
    });
    // At every address of this machine, because it is visited under several names.
    await new Promise<void>((resolve) => server.listen(0, resolve));
    return attacker;
  }

  /** Shows this on every page from now on, and returns the address of one under the name of a host. */
  show(body: string, host: string): string {
    this.#html = `<!doctype html><title>Kittens</title><body>${body}</body>`;
    return `http://${host}:${(this.server.address() as AddressInfo).port}/`;
  }

  stop(): void {
    this.server.close();
    this.server.closeAllConnections();
  }
}
