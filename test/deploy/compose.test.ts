import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { environment, loadConfig } from '../../src/config.js';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: string[];
  readonly security_opt?: string[];
  readonly ports?: string[];
  readonly healthcheck?: { test: string[] };
  readonly environment?: Record<string, string | number>;
  readonly networks: string[] | Record<string, { ipv4_address?: string }>;
  readonly volumes?: string[];
  readonly depends_on?: Record<string, { condition: string }>;
}

const compose = parse(readFileSync('compose.yaml', 'utf8'), { merge: true }) as {
  services: Record<string, Service>;
  networks: Record<string, { internal?: boolean }>;
};
const { services } = compose;
const instances = ['latchkey-a', 'latchkey-b'].map((name) => services[name] as Service);
const proxy = services.proxy as Service;
const addressOf = ({ networks }: Service) => (Array.isArray(networks) ? undefined : networks.inside?.ipv4_address);

/** What the variables of compose become when the file `.env` sets only what has to be set. */
function given(service: Service, env: Record<string, string>): Record<string, string> {
  const fill = (text: string) =>
    text.replace(/\$\{(\w+)(?::([-?])([^}]*))?\}/g, (_all, name: string, kind: string, rest: string) => {
      const value = env[name] ?? (kind === '-' ? rest : undefined);
      if (value === undefined) {
        throw new Error(`${name}: ${rest}`);
      }
      return value;
    });
  return Object.fromEntries(
    Object.entries(service.environment ?? {}).map(([name, value]) => [name, fill(String(value))]),
  );
}

const env = { POSTGRES_PASSWORD: 'abc123', ADMIN_EMAIL: 'root@example.com', ADMIN_PASSWORD: 'a long enough one' };

describe('compose.yaml', () => {
  test('its instances are configured as the server wants it', () => {
    for (const instance of instances) {
      const variables = given(instance, env);
      expect(Object.keys(variables).filter((name) => !(name in environment.shape))).toEqual([]);
      const config = loadConfig({ ...variables, NODE_ENV: 'production', HOST: '0.0.0.0' });
      expect(config.trustProxy).toEqual([addressOf(proxy)]);
      expect(config.databaseUrl).toBe('postgres://latchkey:abc123@postgres:5432/latchkey');
    }
  });

  test('it does not start without POSTGRES_PASSWORD', () => {
    expect(() => Object.values(services).map((service) => given(service, {}))).toThrow('POSTGRES_PASSWORD');
  });

  test('it starts without the administrator of the first start, who may have gone', () => {
    for (const instance of instances) {
      const variables = given(instance, { POSTGRES_PASSWORD: env.POSTGRES_PASSWORD });
      expect(loadConfig({ ...variables, NODE_ENV: 'production', HOST: '0.0.0.0' }).administrator).toBeUndefined();
    }
    const first = loadConfig({ ...given(instances[0] as Service, env), NODE_ENV: 'production', HOST: '0.0.0.0' });
    expect(first.administrator).toEqual({ email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD });
  });

  test('its proxy leads to the instances, and to nothing else', () => {
    const variables = given(proxy, env);
    expect([variables.INSTANCE_A, variables.INSTANCE_B]).toEqual(instances.map((each) => `${addressOf(each)}:4000`));
    const template = readFileSync('deploy/nginx.conf', 'utf8');
    const placeholders = [...template.matchAll(/\$\{(\w+)\}/g)].map(([, name = '']) => name);
    expect([...new Set(placeholders)].sort()).toEqual(Object.keys(variables).sort());
  });

  test('only the proxy is published and only the proxy has a way out', () => {
    expect(Object.keys(services).filter((name) => services[name]?.ports !== undefined)).toEqual(['proxy']);
    expect(compose.networks.inside?.internal).toBe(true);
    for (const [name, { networks }] of Object.entries(services)) {
      const names = Array.isArray(networks) ? networks : Object.keys(networks);
      expect({ name, names }).toEqual({ name, names: name === 'proxy' ? ['inside', 'outside'] : ['inside'] });
    }
  });

  test.each(['latchkey-a', 'latchkey-b', 'proxy', 'redis'])('%s can write nothing and gain nothing', (name) => {
    expect(services[name]).toMatchObject({
      read_only: true,
      cap_drop: ['ALL'],
      security_opt: ['no-new-privileges:true'],
    });
  });

  test('images from elsewhere are named with their versions', () => {
    const images = Object.values(services).filter(({ build }) => build === undefined);
    expect(images.map(({ image }) => image)).toEqual(images.map(() => expect.stringMatching(/:\d+\.\d+-\w+$/)));
  });
});

describe('the Dockerfile', () => {
  const lines = readFileSync('Dockerfile', 'utf8').split('\n');
  const { scripts, devDependencies } = JSON.parse(readFileSync('package.json', 'utf8'));
  const last = (word: string) => lines.findLast((line) => line.startsWith(`${word} `))?.slice(word.length + 1) ?? '';

  test('starts what `npm start` starts', () => {
    expect(JSON.parse(last('CMD')).join(' ')).toBe(scripts.start);
  });

  test('brings the version of Node that the tests run on', () => {
    expect(lines.filter((line) => line.startsWith('FROM node:'))).toEqual([
      `FROM node:${devDependencies.node}-bookworm-slim AS base`,
    ]);
  });

  test('does not run as root, and says how it is', () => {
    expect(last('USER')).toBe('1000:1000');
    expect(lines.join('\n')).toMatch(/^HEALTHCHECK [^\n]*\\\n {2}CMD \["node", /m);
  });

  test('is given every file that it copies, and none of the secrets that may lie about', () => {
    const ignored = readFileSync('.dockerignore', 'utf8').split('\n');
    expect(ignored).toEqual(expect.arrayContaining(['.git', '.data', '.env', 'node_modules', 'dist']));
    const tracked = execFileSync('git', ['ls-files'], { encoding: 'utf8' }).split('\n');
    const copied = lines
      .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
      .flatMap((line) => line.split(' ').slice(1, -1))
      .filter((path) => path !== '.');
    for (const path of copied) {
      expect(tracked.some((file) => file === path || file.startsWith(`${path}/`))).toBe(true);
      expect(ignored).not.toContain(path);
    }
  });
});
