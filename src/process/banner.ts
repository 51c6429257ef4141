import { type Config, isLoopback } from '../config.js';
import type { DemoContent } from './demo.js';

/** What the process says once it listens: `url` is that of the GraphQL endpoint, `page` that of the console, if there is one. */
export function readyBanner(url: string, page: string | null, demo: DemoContent | null, mode: string): string {
  const parts = [`Latchkey answers at ${url}${page === null ? '' : `\nIts console is at  ${page}`}`];
  if (demo !== null) {
    parts.push(demoBanner(demo));
  }
  if (demo !== null || mode !== 'production') {
    parts.push(`Ask it something:\n  ${curl(url, '{ viewer { kind } apiSettings { enabled } }')}`);
  }
  if (demo !== null && demo.administrator.password !== null) {
    const { email, password } = demo.administrator;
    const login = `mutation { login(email: "${email}", password: "${password}") { kind user { name } } }`;
    parts.push(`Sign in:\n  ${curl(url, login, "-H 'sec-fetch-site: none'")}`);
  }
  return parts.join('\n\n');
}

/** What the network sees of a server that is set up for one developer; empty for one that is not. */
export function exposureNotes({ mode, host }: Pick<Config, 'mode' | 'host'>): string[] {
  return mode === 'production' || isLoopback(host)
    ? []
    : [`Other machines reach this server at ${host}, and guests may read its schema.\nNODE_ENV=production closes it.`];
}

/** What was put into an empty database; a password is shown here and never again. */
export function demoBanner({ administrator, others, posts }: DemoContent): string {
  const { email, password } = administrator;
  return [
    `The database was empty and has ${others.length + 1} accounts and ${posts} posts now.`,
    `  Administrator  ${email}`,
    `  Password       ${password === null ? 'that of ADMIN_PASSWORD' : `${password}   (shown only this once)`}`,
    `To sign in as ${others.join(' or ')}, give the account a password:`,
    `  npx latchkey user password ${others[0]}`,
  ].join('\n');
}

function curl(url: string, query: string, ...options: string[]): string {
  const parts = [
    'curl -s',
    ...options,
    url,
    "-H 'content-type: application/json'",
    `-d '${JSON.stringify({ query })}'`,
  ];
  return parts.join(' ');
}
