import { Migration } from '@mikro-orm/migrations';

export class Migration20261122215459_posts_by_publication extends Migration {
  override name = 'Migration20261122215459_posts_by_publication';

  override up(): void | Promise<void> {
    this.addSql(`create index "posts_published_index" on "posts" ("id") where published;`);
    this.addSql(`create index "posts_published_author_id_index" on "posts" ("author_id", "id") where published;`);
  }

  override down(): void | Promise<void> {
    this.addSql(`drop index "posts_published_index";`);
    this.addSql(`drop index "posts_published_author_id_index";`);
  }
}
