import { Migration } from '@mikro-orm/migrations';

export class Migration20261122140921_audit_events extends Migration {
  override name = 'Migration20261122140921_audit_events';

  override up(): void | Promise<void> {
    this.addSql(
      `create table "audit_events" ("id" uuid not null, "at" timestamptz not null, "action" varchar(32) not null, "outcome" varchar(8) not null, "code" varchar(64) null, "attempts" int not null default 1, "via" varchar(16) not null, "actor_id" uuid null, "credential_kind" varchar(16) null, "credential_id" uuid null, "subject_type" varchar(16) null, "subject_id" uuid null, "owner_id" uuid null, "ip" varchar(64) null, "user_agent" varchar(512) null, "request_id" varchar(64) null, "changes" jsonb not null, primary key ("id"));`,
    );
    this.addSql(`create index "audit_events_actor_id_id_index" on "audit_events" ("actor_id", "id");`);
    this.addSql(`create index "audit_events_owner_id_id_index" on "audit_events" ("owner_id", "id");`);
    this.addSql(`create index "audit_events_subject_id_id_index" on "audit_events" ("subject_id", "id");`);
    this.addSql(`create index "audit_events_action_id_index" on "audit_events" ("action", "id");`);

    this.addSql(
      `create or replace function "audit_events_audit_events_stay_fn"() returns trigger as $$ begin raise exception 'audit events do not change'; end; $$ language plpgsql;`,
    );
    this.addSql(
      `create trigger "audit_events_stay" BEFORE UPDATE on "audit_events" for each ROW execute function "audit_events_audit_events_stay_fn"();`,
    );
  }

  override down(): void | Promise<void> {
    this.addSql(`drop trigger if exists "audit_events_stay" on "audit_events";`);
    this.addSql(`drop function if exists "audit_events_audit_events_stay_fn"();`);
    this.addSql(`drop table if exists "audit_events" cascade;`);
  }
}
