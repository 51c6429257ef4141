import { Migration } from '@mikro-orm/migrations';

/** An index for the question which tokens have an ability. */
export class Migration20261122110047_tokens_by_ability extends Migration {
  override up(): void {
    this.addSql(`create index "api_tokens_abilities_index" on "api_tokens" using gin ("abilities");`);
  }

  override down(): void {
    this.addSql(`drop index "api_tokens_abilities_index";`);
  }
}
