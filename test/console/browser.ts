import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll } from '@jest/globals';
import axe from 'axe-core';
import type { Browser, BrowserContextOptions, CDPSession, Page } from 'playwright-core';
import { launchChromium } from '../chromium.js';
import { password, TestServer } from '../helper.js';

const built = resolve('dist/console');

export const desktop = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

/** The password of everyone who registers in a test. */
export const chosenPassword = 'a few words in a row';

/** A server with its console and a browser, for the tests of one file. */
export class Console {
  private constructor(
    readonly server: TestServer,
    private readonly browser: Browser,
  ) {}

  static async start(env: Record<string, string> = {}): Promise<Console> {
    const browser = await launchChromium();
    return new Console(await TestServer.start({ CONSOLE: built, ...env }), browser);
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.server.stop();
  }

  /** Opens an address in a browser that knows nothing of the others. */
  async open(path: string, options: BrowserContextOptions = {}): Promise<Visit> {
    const context = await this.browser.newContext({ viewport: desktop, baseURL: this.server.origin, ...options });
    const page = await context.newPage();
    const visit = new Visit(page, this.server.origin);
    await page.goto(path);
    await page.waitForSelector('h1');
    return visit;
  }

  /** Opens an address in such a browser, signs a user in with the password of all tests and waits for the heading. */
  async openAs(user: { email: string }, path: string, heading: string, options: BrowserContextOptions = {}) {
    const visit = await this.open(`/login?${new URLSearchParams({ next: path })}`, options);
    await visit.fill('E-mail', user.email);
    await visit.fill('Password', password);
    await visit.press('Sign in');
    await visit.arrive(heading);
    return visit;
  }
}

/** A page in a browser of its own, and everything about it that no page may do. */
export class Visit {
  /** What the browser warned of, violations of the policy among it, and requests to other hosts. */
  readonly faults: string[] = [];
  private devTools: CDPSession | undefined;

  constructor(
    readonly page: Page,
    private readonly origin: string,
  ) {
    this.page.on('pageerror', (error) => this.faults.push(`threw ${error.message}`));
    this.page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) {
        this.faults.push(`${message.type()} ${message.text()} at ${this.page.url()}`);
      }
    });
    this.page.on('request', (request) => {
      if (!request.url().startsWith(`${this.origin}/`) && !request.url().startsWith('data:')) {
        this.faults.push(`asked for ${request.url()}`);
      }
    });
  }

  /** The path with its query. */
  get path(): string {
    return this.page.url().slice(this.origin.length);
  }

  /** Waits until the page with this heading is there. */
  async arrive(heading: string): Promise<void> {
    await this.page.getByRole('heading', { level: 1, name: heading, exact: true }).waitFor();
  }

  async fill(label: string, value: string): Promise<void> {
    await this.page.getByLabel(label, { exact: true }).fill(value);
  }

  async press(button: string): Promise<void> {
    await this.page.getByRole('button', { name: button, exact: true }).click();
  }

  /** What stands in the way of people with disabilities, as axe finds it, each with where it is; only the serious. */
  async barriers(): Promise<string[]> {
    await this.page.evaluate(axe.source);
    const { violations } = await this.page.evaluate(() => (window as unknown as { axe: typeof axe }).axe.run());
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ target }) => `${id} ${target.join(' ')}`));
  }

  /** Keeps a picture of the page in `test/console/screenshots`, which git ignores. */
  async picture(name: string): Promise<void> {
    const folder = resolve('test/console/screenshots');
    mkdirSync(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`), fullPage: true, animations: 'disabled' });
  }

  /** Lets the page have only one part in so many of its processor's time. */
  async slow(rate: number): Promise<void> {
    this.devTools ??= await this.page.context().newCDPSession(this.page);
    await this.devTools.send('Emulation.setCPUThrottlingRate', { rate });
  }

  /** Holds back every request to the endpoint that has this in it, until the function that it returns is called. */
  async holdBack(text: string): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    await this.page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes(text)) {
        await promise;
      }
      await route.continue();
    });
    return resolve;
  }

  async close(): Promise<void> {
    // What a route still fetches would fail whatever test comes next.
    await this.page.unrouteAll({ behavior: 'ignoreErrors' });
    await this.page.context().close();
  }
}

/** A console for the tests of one file, started before the first and stopped after the last. */
export function testConsole(env: Record<string, string> = {}): () => Console {
  let started: Console;
  beforeAll(async () => {
    started = await Console.start(env);
  }, 60_000);
  afterAll(async () => {
    await started?.stop();
  });
  return () => started;
}
