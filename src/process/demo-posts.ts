/** A post of the demo content; its author is one of the three demo accounts. */
export interface DemoPost {
  readonly author: 'administrator' | 'ada' | 'grace';
  readonly title: string;
  readonly body: string;
  readonly published: boolean;
}

/** Twenty posts, the oldest first. */
export const demoPosts: readonly DemoPost[] = [
  {
    author: 'administrator',
    title: 'Welcome to Latchkey',
    body: 'This server came with three accounts and twenty posts, so that there is something to ask for. Everything here can be deleted. Sign in as the administrator, switch the API for tokens on, and make a token that can read posts.',
    published: true,
  },
  {
    author: 'ada',
    title: 'What a token is for',
    body: 'A session is for a person at a browser; a token is for a program. The program never learns your password, and the token can do no more than the abilities you gave it. When you stop trusting the program, you delete one token and nothing else changes.',
    published: true,
  },
  {
    author: 'grace',
    title: 'Give a program less than it asks for',
    body: 'A backup script needs to read. It does not need to delete, however politely its manual asks. Start with one ability, run it, and let the refusal tell you which one is missing: the answer names every ability that the document lacks.',
    published: true,
  },
  {
    author: 'ada',
    title: 'Notes on naming abilities',
    body: 'The name says the resource and the action, in the singular: post:update, not editPosts. Four coarse names stand for an action on everything. If two people read the name differently, it is the wrong name.',
    published: true,
  },
  {
    author: 'administrator',
    title: 'House rules',
    body: 'Drafts are yours until you publish them. Published posts can be read by everyone who may read at all, and changed by their author and by administrators. Tokens belong to a person; nobody can see those of another.',
    published: true,
  },
  {
    author: 'grace',
    title: 'Why a missing post and a hidden one look the same',
    body: 'If the answer for a hidden draft differed from the one for a post that never was, anyone could find out which drafts exist by trying. So both are not found, word for word. You are told that something is forbidden only when you may see it.',
    published: true,
  },
  {
    author: 'ada',
    title: 'Reading a refusal',
    body: 'Look at extensions first: code says what kind of refusal it is, missing lists the abilities, and coordinates lists the fields that need them. The whole document is checked before any of it runs, so a refused mutation has changed nothing.',
    published: true,
  },
  {
    author: 'ada',
    title: 'Pagination without page numbers',
    body: 'Page three of a list that grows at the front is not the page three of a minute ago. A cursor says "after this one" instead, and the database finds the place through the index. Ask for the first twenty, keep endCursor, and ask for the ones after it.',
    published: true,
  },
  {
    author: 'grace',
    title: 'A checklist before you publish a key by accident',
    body: 'Tokens of this server begin with a fixed prefix and end with a checksum, so a scanner can find them in a repository without calling anyone. Run one before you push. If a token has leaked, delete it first and find out how later.',
    published: true,
  },
  {
    author: 'administrator',
    title: 'Backups',
    body: 'With PostgreSQL, pg_dump and the usual habits. With the embedded database, stop the server and copy its directory; it is an ordinary cluster. Restore once before you rely on it.',
    published: true,
  },
  {
    author: 'grace',
    title: 'Draft: a talk about least privilege',
    body: 'Opening: the caretaker with the ring of keys. Middle: what happens on the day the ring is lost. Ending: one key, one door, one evening. Still missing: an example that is not about doors.',
    published: false,
  },
  {
    author: 'ada',
    title: 'Expiry dates are kindness',
    body: 'Whoever comes after you will find a token called "test" and not dare to delete it. Give it thirty days and it will answer the question by itself. An administrator can set a maximum that holds for tokens that were made before it, too.',
    published: true,
  },
  {
    author: 'ada',
    title: 'Draft: questions for the next release',
    body: 'Should a token be able to carry a note about who uses it? Would a list of addresses it may come from help, or only break on the day the office moves? Ask Grace.',
    published: false,
  },
  {
    author: 'grace',
    title: 'One request instead of five',
    body: 'The list screen asked for posts, then for each author, then for whether I may edit. It now asks once: nodes with the author and viewerCanUpdate beside the title. The server fetches the authors together, and the phone is grateful.',
    published: true,
  },
  {
    author: 'administrator',
    title: 'Draft: who gets an account',
    body: 'Anyone can register at the moment. Before this server is reachable from outside, decide whether that stays, and who answers when somebody forgets a password.',
    published: false,
  },
  {
    author: 'ada',
    title: 'How I keep my phone signed in',
    body: 'The app asked for my password once, got a token named after the phone, and forgot the password. When the phone was lost on the train I deleted the token called "Phone" from the laptop, and the laptop never noticed.',
    published: true,
  },
  {
    author: 'grace',
    title: 'Measure before you cache',
    body: 'We kept permissions in a cache for a minute and saved two milliseconds a request. It cost us the sentence "it stops working at once". One query for the token, its owner and the settings turned out to be fast enough.',
    published: true,
  },
  {
    author: 'administrator',
    title: 'Moving to PostgreSQL',
    body: 'The embedded database speaks the same dialect and runs the same migrations. Set DATABASE_URL, start, and the tables are made. Several servers may share that database; none of them keeps anything of its own.',
    published: true,
  },
  {
    author: 'grace',
    title: 'Draft: what I would tell my younger self about dates',
    body: 'Store the moment, not the wall clock. Send it with its zone. Never subtract days by hand. Leap seconds are a problem for other people, until they are yours.',
    published: false,
  },
  {
    author: 'ada',
    title: 'Try this: a token that can only read',
    body: 'Make a token with post:read and ask for posts: it answers. Now ask it to update this post. The refusal names the ability, the field and what the token may do today, and the post is as it was. That is the whole idea.',
    published: true,
  },
];
