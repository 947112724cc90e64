import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { sessionStore, useSessionState } from '@/shared/session/session';
import { setServerTime } from './clock';
import { BoardConnection, type BoardState } from './connection';

function address(project: string | null): string {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  return `${scheme}://${window.location.host}/api/board/live${project === null ? '' : `?project=${project}`}`;
}

/** The live board of one project, or of all that the person sees, for as long as the caller is on the page. */
export function useBoard(project: string | null): BoardState & { readonly retry: () => void } {
  const { status } = useSessionState();
  const connection = useMemo(() => new BoardConnection(address(project), () => sessionStore.end(), setServerTime), [project]);
  useEffect(() => () => connection.stop(), [connection]);
  useEffect(() => {
    if (status === 'open') connection.start();
  }, [connection, status]);
  const state = useSyncExternalStore(connection.subscribe, connection.get);
  return { ...state, retry: connection.retry };
}
