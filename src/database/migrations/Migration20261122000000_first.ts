import { Migration } from '@mikro-orm/migrations';

/** Accounts, sessions, tokens, the settings of the API, posts, and the counters of failed logins. */
export class Migration20261122000000_first extends Migration {
  override up(): void {
    this.addSql(`create table "users" (
      "id" uuid not null,
      "created_at" timestamptz not null,
      "name" varchar(255) not null,
      "email" varchar(255) not null,
      "password_hash" varchar(255) not null,
      "is_administrator" boolean not null default false,
      "disabled_at" timestamptz null,
      "updated_at" timestamptz not null,
      primary key ("id")
    );`);
    this.addSql(`alter table "users" add constraint "users_email_unique" unique ("email");`);

    this.addSql(`create table "sessions" (
      "id" uuid not null,
      "created_at" timestamptz not null,
      "user_id" uuid not null,
      "secret_hash" varchar(64) not null,
      "last_active_at" timestamptz not null,
      "expires_at" timestamptz not null,
      "ip" varchar(64) null,
      "user_agent" varchar(512) null,
      primary key ("id")
    );`);
    this.addSql(`create index "sessions_user_id_index" on "sessions" ("user_id");`);
    this.addSql(`alter table "sessions" add constraint "sessions_secret_hash_unique" unique ("secret_hash");`);
    this.addSql(`create index "sessions_expires_at_index" on "sessions" ("expires_at");`);
    this.addSql(
      `alter table "sessions" add constraint "sessions_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(`create table "api_tokens" (
      "id" uuid not null,
      "created_at" timestamptz not null,
      "user_id" uuid not null,
      "name" varchar(255) not null,
      "secret_hash" varchar(64) not null,
      "abilities" text[] not null,
      "expires_at" timestamptz null,
      "last_used_at" timestamptz null,
      "last_used_ip" varchar(64) null,
      primary key ("id")
    );`);
    this.addSql(`create index "api_tokens_user_id_index" on "api_tokens" ("user_id");`);
    this.addSql(`create index "api_tokens_expires_at_index" on "api_tokens" ("expires_at");`);
    this.addSql(
      `alter table "api_tokens" add constraint "api_tokens_user_id_foreign" foreign key ("user_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(`create table "api_settings" (
      "id" smallint primary key,
      "enabled" boolean not null default false,
      "default_abilities" text[] not null,
      "maximum_token_lifetime_days" int null,
      "updated_at" timestamptz not null
    );`);
    this.addSql(`alter table "api_settings" add constraint "api_settings_one_row" check (id = 1);`);
    this.addSql(
      `insert into "api_settings" ("id", "enabled", "default_abilities", "updated_at") values (1, false, '{read}', now());`,
    );

    this.addSql(`create table "posts" (
      "id" uuid not null,
      "created_at" timestamptz not null,
      "author_id" uuid not null,
      "title" varchar(255) not null,
      "body" text not null,
      "published" boolean not null default false,
      "updated_at" timestamptz not null,
      "version" int not null default 1,
      primary key ("id")
    );`);
    this.addSql(`create index "posts_author_id_id_index" on "posts" ("author_id", "id");`);
    this.addSql(
      `alter table "posts" add constraint "posts_author_id_foreign" foreign key ("author_id") references "users" ("id") on delete cascade;`,
    );

    this.addSql(`create table "rate_limits" (
      "key" varchar(255) not null,
      "points" int not null default 0,
      "expire" bigint null,
      primary key ("key")
    );`);
    this.addSql(`create index "rate_limits_expire_index" on "rate_limits" ("expire");`);
  }

  override down(): void {
    for (const table of ['rate_limits', 'posts', 'api_settings', 'api_tokens', 'sessions', 'users']) {
      this.addSql(`drop table "${table}";`);
    }
  }
}
