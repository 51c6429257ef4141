import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { type ComponentType, type LazyExoticComponent, lazy, Suspense, useCallback, useState } from 'react';
import { flushSync } from 'react-dom';
import { Provider } from 'urql';
import { Redirect, Route, Router, Switch, useLocation, useSearch } from 'wouter';
import { type Address, addresses } from './addresses.js';
import { nextPath, withNext } from './auth/next.js';
import { SignInAgain } from './auth/sign-in-again.js';
import { useViewer, ViewerProvider } from './auth/viewer.js';
import { createClient } from './graphql/client.js';
import { BeforeViewer } from './layout/before-viewer.js';
import { Broken } from './layout/broken.js';
import { ConnectionBanner } from './layout/connection-banner.js';
import { crossing } from './layout/crossing.js';
import { useExactSearch } from './layout/exact-search.js';
import { Frame } from './layout/frame.js';
import { useHeldLocation } from './layout/held-address.js';
import { LoadingPage } from './layout/loading.js';
import { Toasts } from './layout/toasts.js';
import { openedFor } from './pages/playground/opened.js';
import { styleNonce } from './theme/nonce.js';
import { theme, variables } from './theme/theme.js';

type Audience = 'anyone' | 'guests' | 'users' | 'administrators' | 'nobody';

interface PageEntry {
  readonly audience: Audience;
  readonly component: LazyExoticComponent<ComponentType>;
}

const NotFound = lazy(() => import('./pages/not-found/not-found.js'));

/** The page of every address and whom it is for. */
const pages: Record<Address, PageEntry> = {
  welcome: { audience: 'anyone', component: lazy(() => import('./pages/welcome/welcome.js')) },
  login: { audience: 'guests', component: lazy(() => import('./pages/auth/login.js')) },
  register: { audience: 'guests', component: lazy(() => import('./pages/auth/register.js')) },
  tokens: { audience: 'users', component: lazy(() => import('./pages/tokens/tokens.js')) },
  newToken: { audience: 'users', component: lazy(() => import('./pages/tokens/new-token.js')) },
  token: { audience: 'users', component: lazy(() => import('./pages/tokens/token.js')) },
  abilities: { audience: 'users', component: lazy(() => import('./pages/abilities/abilities.js')) },
  account: { audience: 'users', component: lazy(() => import('./pages/account/account.js')) },
  activity: { audience: 'users', component: lazy(() => import('./pages/activity/activity.js')) },
  admin: { audience: 'administrators', component: lazy(() => import('./pages/admin/settings.js')) },
  adminUsers: { audience: 'administrators', component: lazy(() => import('./pages/admin/users.js')) },
  adminTokens: { audience: 'administrators', component: lazy(() => import('./pages/admin/tokens.js')) },
  adminActivity: { audience: 'administrators', component: lazy(() => import('./pages/admin/activity.js')) },
  playground: { audience: openedFor, component: lazy(() => import('./pages/playground/playground.js')) },
};

const colourSchemes = localStorageColorSchemeManager({ key: 'latchkey-color-scheme' });

export function App() {
  const [{ client, key }, setConnected] = useState(() => ({ client: createClient(), key: 0 }));
  // At once, so that no page of the one who was there sees an address that is for the one who comes.
  const renew = useCallback(
    () => flushSync(() => setConnected((last) => ({ client: createClient(), key: last.key + 1 }))),
    [],
  );
  return (
    <MantineProvider
      theme={theme}
      cssVariablesResolver={variables}
      colorSchemeManager={colourSchemes}
      defaultColorScheme="auto"
      getStyleNonce={styleNonce}
    >
      <ConnectionBanner />
      <Toasts>
        <Provider key={key} value={client}>
          <ViewerProvider renew={renew} meanwhile={(failure) => <BeforeViewer failure={failure} />}>
            <SignInAgain>
              <Router hook={useHeldLocation} aroundNav={crossing} searchHook={useExactSearch}>
                <Frame>
                  <Pages />
                </Frame>
              </Router>
            </SignInAgain>
          </ViewerProvider>
        </Provider>
      </Toasts>
    </MantineProvider>
  );
}

function Pages() {
  const [path] = useLocation();
  return (
    <Broken key={path}>
      <Suspense fallback={<LoadingPage />}>
        <Switch>
          {Object.entries(addresses).map(([name, pattern]) => (
            <Route key={name} path={pattern}>
              <Admitted page={pages[name as Address]} />
            </Route>
          ))}
          <Route>
            <NotFound />
          </Route>
        </Switch>
      </Suspense>
    </Broken>
  );
}

/** Shows a page to those whom it is for and leads the others to where they can become so. */
function Admitted({ page }: { readonly page: PageEntry }) {
  const { user, isAdministrator } = useViewer();
  const [path] = useLocation();
  const search = useSearch();
  const { audience, component: Page } = page;
  if (audience === 'guests' && user !== null) {
    return <Redirect to={nextPath(search) ?? addresses.welcome} replace />;
  }
  if ((audience === 'users' || audience === 'administrators') && user === null) {
    return <Redirect to={withNext(addresses.login, search === '' ? path : `${path}?${search}`)} replace />;
  }
  // The server decides; to everyone else the page is as if it were not there.
  const isThere = audience !== 'nobody' && (audience !== 'administrators' || isAdministrator);
  return isThere ? <Page /> : <NotFound />;
}
