import { createContext, type ReactNode, useContext, useMemo } from 'react';
import { LogoutDocument, ViewerDocument, type ViewerQuery } from '../../../schema/documents.js';
import { useChange } from '../graphql/change.js';
import type { Failure } from '../graphql/failure.js';
import { useRead } from '../graphql/read.js';
import { forgetKept } from './kept.js';

/** Who sits in front of the page. */
export interface Viewer {
  /** Null for guests. */
  readonly user: NonNullable<ViewerQuery['viewer']['user']> | null;
  readonly isAdministrator: boolean;
  /** Whether administrators have switched the API for tokens on. */
  readonly apiEnabled: boolean;
  /** Forgets everything that was read and asks anew who is there; after signing in or out, before going elsewhere. */
  readonly renew: () => void;
  /** Ends the session; resolves to why it could not. */
  readonly signOut: () => Promise<Failure | null>;
}

const ViewerContext = createContext<Viewer | null>(null);

export function useViewer(): Viewer {
  const viewer = useContext(ViewerContext);
  if (viewer === null) {
    throw new Error('useViewer is for components within ViewerProvider.');
  }
  return viewer;
}

/** The user on a page that only users reach. */
export function useUser(): NonNullable<Viewer['user']> {
  const { user } = useViewer();
  if (user === null) {
    throw new Error('useUser is for pages of users.');
  }
  return user;
}

interface Props {
  readonly renew: () => void;
  /** Shown until the server has said who is there. */
  readonly meanwhile: (failure: Failure | null) => ReactNode;
  readonly children: ReactNode;
}

/** Asks once who is there and tells everyone below. */
export function ViewerProvider({ renew, meanwhile, children }: Props) {
  const { data, failure } = useRead(ViewerDocument, {});
  const { run: logout } = useChange(LogoutDocument);
  const viewer = useMemo<Viewer | null>(() => {
    if (data === undefined) {
      return null;
    }
    return {
      user: data.viewer.kind === 'SESSION' ? (data.viewer.user ?? null) : null,
      isAdministrator: data.viewer.kind === 'SESSION' && data.viewer.user?.administrator === true,
      apiEnabled: data.apiSettings.enabled,
      renew,
      signOut: async () => {
        const { failure } = await logout({});
        // A session that had ended before is what was asked for.
        if (failure === null || failure.code === 'UNAUTHENTICATED') {
          forgetKept();
          renew();
          return null;
        }
        return failure;
      },
    };
  }, [data, renew, logout]);
  return viewer === null ? meanwhile(failure) : <ViewerContext value={viewer}>{children}</ViewerContext>;
}
