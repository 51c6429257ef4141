import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';

/** Sends requests to one server over connections that it keeps, and tells what became of each. */
export class Client {
  #agent;
  #address;

  constructor(port, agent = new Agent({ keepAlive: true, maxSockets: 256 }), address = null) {
    this.port = port;
    this.#agent = agent;
    this.#address = address;
  }

  /** A client on the same connections that a proxy says has this address. */
  from(address) {
    return new Client(this.port, this.#agent, address);
  }

  /**
   * One request, to its end. `codes` are the codes of the errors in the answer; `ms` is the time until all of it was
   * there. Rejects when there is no answer.
   */
  send({ method = 'POST', path = '/graphql', headers = {}, body }) {
    const started = performance.now();
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          host: '127.0.0.1',
          port: this.port,
          agent: this.#agent,
          method,
          path,
          headers: this.#address === null ? headers : { ...headers, 'x-forwarded-for': this.#address },
        },
        (incoming) => {
          const chunks = [];
          incoming.on('data', (chunk) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () => {
            const text = Buffer.concat(chunks).toString('utf8');
            resolve({
              status: incoming.statusCode,
              headers: incoming.headers,
              ms: performance.now() - started,
              text,
              ...read(text),
            });
          });
        },
      );
      outgoing.setTimeout(15_000, () => outgoing.destroy(new Error('no answer within 15 s')));
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  /** A GraphQL request, as a page of the server itself would send it. */
  ask(query, variables = {}, headers = {}) {
    return this.send({
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', ...headers },
      body: JSON.stringify({ query, variables }),
    });
  }

  close() {
    this.#agent.destroy();
  }
}

function read(text) {
  try {
    const { data, errors = [] } = JSON.parse(text);
    return { data, codes: errors.map((error) => String(error.extensions?.code)) };
  } catch {
    return { data: undefined, codes: [] };
  }
}
