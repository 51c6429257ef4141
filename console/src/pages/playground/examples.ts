/** The first tabs of somebody who has none yet: what they read and change is in every Latchkey server. */
export const examples: readonly { readonly query: string; readonly variables?: string }[] = [
  {
    query: `# What a document needs is shown as
# you type. Run it as yourself or as
# a token, even one that is not there.
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
    query: `# Everybody may ask who they are.
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
    query: `# A draft that only you can see.
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
    query: `# This is for browsers: no token can.
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
