/** A page that makes a browser send a document to an endpoint, without the will of whoever sits there. */
export interface Forgery {
  readonly name: string;
  /** The body of the page. */
  readonly page: (endpoint: string, document: string) => string;
  /** How the first of its requests must end. */
  readonly ends: readonly [method: string, status: number];
  /** Whether it is a navigation with GET, which brings the cookie from every site. */
  readonly leadsAway?: true;
}

const text = (value: string) => value.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
const body = (document: string) => JSON.stringify({ query: document });
const withQuery = (endpoint: string, document: string) => `${endpoint}?${new URLSearchParams({ query: document })}`;

const form = (attributes: string, fields: Record<string, string>) => {
  const inputs = Object.entries(fields).map(
    ([name, value]) => `<input type="hidden" name="${text(name)}" value="${text(value)}">`,
  );
  return `<form id="form" ${attributes}>${inputs.join('')}</form><script>document.getElementById('form').submit()</script>`;
};

const script = (code: string) => `<script>${code.replaceAll('<', '\\u003c')}</script>`;

/** A form whose one field is a whole JSON object when it is sent as plain text. */
const jsonField = (document: string) => {
  const [before = '', after = ''] = JSON.stringify({ query: document, extensions: { a: '=' } }).split('=');
  return { [before]: after };
};

const send = (endpoint: string, options: string) =>
  script(`fetch(${JSON.stringify(endpoint)}, { credentials: 'include', ${options} }).catch(() => {})`);

export const forgeries: readonly Forgery[] = [
  {
    name: 'a form',
    page: (endpoint, document) => form(`method="post" action="${endpoint}"`, { query: document }),
    ends: ['POST', 415],
  },
  {
    name: 'a form of files',
    page: (endpoint, document) =>
      form(`method="post" enctype="multipart/form-data" action="${endpoint}"`, { query: document }),
    ends: ['POST', 415],
  },
  {
    name: 'a form of plain text that is JSON',
    page: (endpoint, document) => form(`method="post" enctype="text/plain" action="${endpoint}"`, jsonField(document)),
    ends: ['POST', 415],
  },
  {
    name: 'a form in a frame',
    page: (endpoint, document) =>
      `<iframe name="frame"></iframe>${form(`method="post" target="frame" action="${endpoint}"`, { query: document })}`,
    ends: ['POST', 415],
  },
  {
    name: 'a form that leads away',
    page: (endpoint, document) => form(`method="get" target="_top" action="${endpoint}"`, { query: document }),
    ends: ['GET', 405],
    leadsAway: true,
  },
  {
    name: 'a redirection',
    page: (endpoint, document) => script(`location = ${JSON.stringify(withQuery(endpoint, document))}`),
    ends: ['GET', 405],
    leadsAway: true,
  },
  {
    name: 'a picture',
    page: (endpoint, document) => `<img src="${text(withQuery(endpoint, document))}">`,
    ends: ['GET', 405],
  },
  {
    name: 'a script from the endpoint',
    page: (endpoint, document) => `<script src="${text(withQuery(endpoint, document))}"></script>`,
    ends: ['GET', 405],
  },
  {
    name: 'fetch without CORS, as plain text',
    page: (endpoint, document) =>
      send(endpoint, `mode: 'no-cors', method: 'POST', body: ${JSON.stringify(body(document))}`),
    ends: ['POST', 415],
  },
  {
    name: 'fetch without CORS, which claims JSON',
    page: (endpoint, document) =>
      send(
        endpoint,
        `mode: 'no-cors', method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body(document))}`,
      ),
    ends: ['POST', 415],
  },
  {
    name: 'fetch without CORS, as bytes of no type',
    page: (endpoint, document) =>
      send(
        endpoint,
        `mode: 'no-cors', method: 'POST', body: new TextEncoder().encode(${JSON.stringify(body(document))})`,
      ),
    ends: ['POST', 415],
  },
  {
    name: 'fetch of JSON with CORS',
    page: (endpoint, document) =>
      send(
        endpoint,
        `method: 'POST', headers: { 'content-type': 'application/json' }, body: ${JSON.stringify(body(document))}`,
      ),
    ends: ['OPTIONS', 405],
  },
  {
    name: 'a beacon of plain text',
    page: (endpoint, document) =>
      script(`navigator.sendBeacon(${JSON.stringify(endpoint)}, ${JSON.stringify(body(document))})`),
    ends: ['POST', 415],
  },
  {
    name: 'a beacon of JSON',
    page: (endpoint, document) =>
      script(
        `navigator.sendBeacon(${JSON.stringify(endpoint)}, new Blob([${JSON.stringify(body(document))}], { type: 'application/json' }))`,
      ),
    ends: ['OPTIONS', 405],
  },
];
