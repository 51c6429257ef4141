import type { EntityManager } from '@mikro-orm/postgresql';
import { v7 } from 'uuid';
import type { AuditSource } from '../auth/audit.js';
import type { Passwords } from '../auth/passwords.js';
import type { Config } from '../config.js';
import { Post } from '../posts/post.entity.js';
import { checkedAccount, recordCreation } from '../users/account.js';
import { generatePassword } from '../users/generated-password.js';
import { User } from '../users/user.entity.js';
import { type DemoPost, demoPosts } from './demo-posts.js';

/** What was made, for the one who has to be told. */
export interface DemoContent {
  /** The password is null when it was given. */
  readonly administrator: { readonly email: string; readonly password: string | null };
  /** The addresses of the other accounts, whose passwords nobody knows. */
  readonly others: readonly string[];
  readonly posts: number;
}

const hourMs = 3_600_000;
/** Posts follow each other unevenly, as they do; about seven weeks in all. */
const gapHours = [31, 74, 52, 96, 47, 68];

/**
 * Fills an empty database with three accounts and their posts, all or nothing; null when it has accounts already. Without
 * a given administrator one is made whose password is new.
 */
export async function seedDemo(
  em: EntityManager,
  passwords: Passwords,
  given: Config['administrator'],
  now: Date,
  by: AuditSource,
): Promise<DemoContent | null> {
  if ((await em.fork().count(User)) > 0) {
    return null;
  }
  const password = given?.password ?? generatePassword();
  const people = {
    administrator: checkedAccount({ name: 'Administrator', email: given?.email ?? 'admin@example.com', password }),
    ada: checkedAccount({ name: 'Ada', email: 'ada@example.com', password: generatePassword() }),
    grace: checkedAccount({ name: 'Grace', email: 'grace@example.com', password: generatePassword() }),
  };
  for (const person of [people.ada, people.grace]) {
    if (person.email === people.administrator.email) {
      Object.assign(person, { name: 'Linus', email: 'linus@example.com' });
    }
  }
  const accounts = Object.entries(people) as [DemoPost['author'], (typeof people)['ada']][];
  const hashes = await Promise.all(accounts.map(([, person]) => passwords.hash(person.password)));
  const times = timesUntil(now, accounts.length + demoPosts.length);
  await em.fork().transactional(async (unit) => {
    const users = new Map<DemoPost['author'], User>();
    for (const [index, [key, { name, email }]] of accounts.entries()) {
      const passwordHash = hashes[index] ?? '';
      const record = dated(times[index] ?? now);
      const isAdministrator = key === 'administrator';
      const user = unit.create(User, { ...record, name, email, passwordHash, isAdministrator });
      recordCreation(unit, by, user);
      users.set(key, user);
    }
    for (const [index, { author, ...post }] of demoPosts.entries()) {
      const record = dated(times[accounts.length + index] ?? now);
      unit.create(Post, { ...record, ...post, author: users.get(author) as User });
    }
  });
  return {
    administrator: { email: people.administrator.email, password: given === undefined ? password : null },
    others: [people.ada.email, people.grace.email],
    posts: demoPosts.length,
  };
}

/** Moments in the past, the oldest first. */
function timesUntil(now: Date, count: number): Date[] {
  const times: Date[] = [];
  for (let time = now.getTime() - 2 * hourMs; times.length < count; ) {
    times.unshift(new Date(time));
    time -= (gapHours[times.length % gapHours.length] ?? 0) * hourMs + times.length * 60_000;
  }
  return times;
}

/** The key carries the time, because lists are ordered by it. */
function dated(time: Date): { id: string; createdAt: Date; updatedAt: Date } {
  return { id: v7({ msecs: time.getTime() }), createdAt: time, updatedAt: time };
}
