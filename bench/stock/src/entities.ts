import { defineEntity, p } from '@mikro-orm/core';
import { v7 } from 'uuid';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    name: p.string(),
    email: p.string().unique(),
    isAdministrator: p.boolean(),
    createdAt: p.datetime(),
    posts: () => p.oneToMany(Post).mappedBy('author'),
  },
});
export class User extends UserSchema.class {}
UserSchema.setClass(User);

const PostSchema = defineEntity({
  name: 'Post',
  tableName: 'posts',
  properties: {
    id: p
      .uuid()
      .primary()
      .onCreate(() => v7()),
    title: p.string(),
    body: p.text(),
    published: p.boolean(),
    author: () => p.manyToOne(User),
    createdAt: p.datetime().onCreate(() => new Date()),
    updatedAt: p
      .datetime()
      .onCreate(() => new Date())
      .onUpdate(() => new Date()),
  },
});
export class Post extends PostSchema.class {}
PostSchema.setClass(Post);

const ApiTokenSchema = defineEntity({
  name: 'ApiToken',
  tableName: 'api_tokens',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(User),
    secretHash: p.string(),
    abilities: p.array(),
    expiresAt: p.datetime().nullable(),
  },
});
export class ApiToken extends ApiTokenSchema.class {}
ApiTokenSchema.setClass(ApiToken);

const SessionSchema = defineEntity({
  name: 'Session',
  tableName: 'sessions',
  properties: {
    id: p.uuid().primary(),
    user: () => p.manyToOne(User),
    secretHash: p.string().unique(),
    expiresAt: p.datetime(),
  },
});
export class Session extends SessionSchema.class {}
SessionSchema.setClass(Session);
