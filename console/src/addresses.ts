/** Every page has its address here and its component in `app.tsx`; the server learns the list from the build. */
export const addresses = {
  welcome: '/',
  login: '/login',
  register: '/register',
  tokens: '/tokens',
  newToken: '/tokens/new',
  token: '/tokens/:id',
  abilities: '/abilities',
  account: '/account',
  activity: '/activity',
  admin: '/admin',
  adminUsers: '/admin/users',
  adminTokens: '/admin/tokens',
  adminActivity: '/admin/activity',
  playground: '/playground',
} as const;

export type Address = keyof typeof addresses;
