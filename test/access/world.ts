import { apiTokenId } from '../../src/auth/api-token-id.js';
import { auditEventId } from '../../src/auth/audit-event.entity.js';
import { sessionId } from '../../src/sessions/session.entity.js';
import type { User } from '../../src/users/user.entity.js';
import { type Answer, type Client, password, publicIdOf, readAnswer, type TestServer } from '../helper.js';
import type { Column } from './outcomes.js';

type Person = 'user' | 'owner' | 'administrator' | 'disabled';
type Headers = Readonly<Record<string, string>>;

/** The records that the table is about, by their public ids; all of them are the owner's. */
export interface Records {
  readonly owner: string;
  readonly email: string;
  readonly published: string;
  readonly draft: string;
  readonly token: string;
  readonly session: string;
  /** That the owner made a token. */
  readonly event: string;
}

const tables = ['users', 'sessions', 'api_tokens', 'api_settings', 'posts', 'audit_events'] as const;

/** A server with records of one owner, everybody who may want to reach them, and a way back to how it all was. */
export class World {
  private readonly tokens = new Map<string, Promise<string>>();
  private readonly texts: string[] = [];
  private kept: Record<string, string> = {};
  private apiOn = true;

  private constructor(
    private readonly server: TestServer,
    readonly records: Records,
    private readonly people: Readonly<Record<Person, User>>,
    private readonly sessions: Readonly<Record<Person, Client>>,
    private readonly expired: string,
    private readonly everything: readonly string[],
  ) {}

  static async make(server: TestServer): Promise<World> {
    await server.api(true);
    const everything = server.app.services.catalogue.entries.map(({ name }) => name);
    const people = {
      user: await server.user(),
      owner: await server.user(),
      administrator: await server.administrator(),
      disabled: await server.user(),
    };
    const published = await server.post(people.owner);
    const draft = await server.post(people.owner, { published: false });
    await server.post(people.user);
    await server.administrator();
    for (const person of [people.owner, people.user, people.administrator]) {
      await server.withSession(person);
    }
    const [session] = await server.sql('select id from sessions where user_id = $1', [people.owner.id]);
    const token = (await server.actingAs(people.owner, ['read'], new Date('2099-01-01'))).token;
    const [stored] = await server.sql('select id from api_tokens');
    await server.sql(`update api_tokens set name = 'The recorded one'`);
    await server.sql('update api_settings set maximum_token_lifetime_days = 30000');
    const sessions = {
      user: await server.withSession(people.user),
      owner: await server.withSession(people.owner),
      administrator: await server.withSession(people.administrator),
      disabled: await server.withSession(people.disabled),
    };
    const expired = (await server.actingAs(people.owner, everything, new Date(Date.now() + 60_000))).token;
    await server.sql(`update api_tokens set expires_at = now() where expires_at < now() + interval '1 hour'`);
    // The owner made a token, with everything that an event can tell.
    await server.sql('delete from audit_events');
    const [event] = await server.sql(
      `insert into audit_events (id, at, action, outcome, code, via, actor_id, credential_kind, credential_id,
         subject_type, subject_id, owner_id, ip, user_agent, request_id, changes)
       values (gen_random_uuid(), now(), 'token.create', 'REFUSED', 'CONFLICT', 'GRAPHQL', $1, 'SESSION', $2,
         'TOKEN', $3, $1, '192.0.2.1', 'a browser', 'a request', '[{"name": "name", "before": "a", "after": "b"}]')
       returning id`,
      [people.owner.id, session?.id, stored?.id],
    );
    const records = {
      owner: publicIdOf.user(people.owner),
      email: people.owner.email,
      published: publicIdOf.post(published),
      draft: publicIdOf.post(draft),
      token: apiTokenId.encode(stored?.id),
      session: sessionId.encode(session?.id),
      event: auditEventId.encode(event?.id),
    };
    const world = new World(server, records, people, sessions, expired, everything);
    world.tokens.set(`owner read`, Promise.resolve(token));
    return world;
  }

  /** Everything that proves who somebody is. */
  get secrets(): string[] {
    const cookies = Object.values(this.sessions).map(({ cookie }) => cookie.split('=')[1] ?? '');
    return [password, this.expired, ...cookies, ...this.texts];
  }

  /** Makes the tokens that the table needs, disables whom it calls disabled, and keeps how everything is now. */
  async settle(needs: readonly (readonly string[])[]): Promise<void> {
    for (const person of ['user', 'owner', 'administrator'] as const) {
      for (const abilities of [this.everything, [], ...needs]) {
        await this.token(person, abilities);
      }
    }
    await this.token('disabled', this.everything);
    await this.server.sql(`update api_tokens set last_used_at = now(), last_used_ip = '192.0.2.1'`);
    await this.server.sql('update users set disabled_at = now() where id = $1', [this.people.disabled.id]);
    for (const table of tables) {
      const [row] = await this.server.sql(`select coalesce(jsonb_agg(t), '[]')::text as rows from ${table} t`);
      this.kept[table] = row?.rows;
    }
  }

  /** Switches the API for tokens, without a trace of when. */
  async switchApi(enabled: boolean): Promise<void> {
    this.apiOn = enabled;
    await this.server.sql('update api_settings set enabled = $1', [enabled]);
  }

  /** Puts every row back to how it was when the world settled; the API stays as it was switched. */
  async restore(): Promise<void> {
    await this.server.sql('delete from users');
    await this.server.sql('delete from api_settings');
    await this.server.sql('delete from audit_events');
    for (const table of tables) {
      await this.server.sql(`insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`, [
        this.kept[table],
      ]);
    }
    await this.switchApi(this.apiOn);
  }

  /** Sends a document as one of the actors, whose cookie stays what it was. */
  async send(document: string, column: Column, needs: readonly string[]): Promise<Answer> {
    const response = await fetch(this.server.url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'sec-fetch-site': 'same-origin',
        ...(await this.headersOf(column, needs)),
      },
      body: JSON.stringify({ query: document }),
    });
    return readAnswer(response);
  }

  /** Sends a document with a token of the owner or the administrator that has exactly these abilities. */
  async sendAble(document: string, person: 'owner' | 'administrator', abilities: readonly string[]): Promise<Answer> {
    return this.server.withToken(await this.token(person, abilities)).send(document);
  }

  private async headersOf({ group, name }: Column, needs: readonly string[]): Promise<Headers> {
    const abilities = name === 'all' ? this.everything : name === 'needs' ? needs : [];
    const runAs = (names: readonly string[]) => ({
      cookie: this.sessions.owner.cookie,
      'x-run-as': `abilities=${names}`,
    });
    switch (group) {
      case 'session':
        return name === 'guest' ? {} : { cookie: this.sessions[name as Person].cookie };
      case 'user’s token':
        return bearer(await this.token('user', abilities));
      case 'owner’s token':
        return bearer(await this.token('owner', abilities));
      case 'administrator’s token':
        return bearer(await this.token('administrator', abilities));
      case 'narrowed':
        return runAs(abilities);
      case 'API off':
        if (name === 'token') {
          return bearer(await this.token('owner', this.everything));
        }
        return name === 'narrowed' ? runAs(this.everything) : { cookie: this.sessions[name as Person].cookie };
      case 'dead':
        if (name === 'session of a disabled user') {
          return { cookie: this.sessions.disabled.cookie };
        }
        return bearer(name === 'expired token' ? this.expired : await this.token('disabled', this.everything));
    }
  }

  private token(person: Person, abilities: readonly string[]): Promise<string> {
    const key = `${person} ${abilities}`;
    const token =
      this.tokens.get(key) ??
      this.server.actingAs(this.people[person], [...abilities]).then((program) => {
        this.texts.push(program.token);
        return program.token;
      });
    this.tokens.set(key, token);
    return token;
  }
}

function bearer(token: string): Headers {
  return { authorization: `Bearer ${token}` };
}
