/** The first tabs of somebody who has none yet: what they read and change is in every Latchkey server. */
export const examples: readonly { readonly query: string; readonly variables?: string }[] = [
  {
    query: `# What a document needs stands beside it while you type.
# Run it as yourself, as one of your tokens, or with abilities
# that no token has yet.
query LatestPosts($first: Int! = 5) {
  posts(first: $first) {
    nodes {
      id
      title
      published
      author {
        name
      }
    }
  }
}
`,
    variables: `{
  "first": 3
}
`,
  },
  {
    query: `# Everybody may ask who they are, and what they may do.
query WhoAmI {
  viewer {
    kind
    abilities
    user {
      name
      email
    }
  }
}
`,
  },
  {
    query: `# A post of your own that nobody else sees yet.
mutation WritePost($title: String!, $body: String!) {
  createPost(title: $title, body: $body) {
    id
    title
    viewerCanUpdate
  }
}
`,
    variables: `{
  "title": "Written in the Playground",
  "body": "Nothing here is run until you run it."
}
`,
  },
  {
    query: `# No token can do this: it takes a signed-in browser.
query MyBrowsers {
  sessions {
    userAgent
    lastActiveAt
    isCurrent
  }
}
`,
  },
];
