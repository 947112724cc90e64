import { useBlocker } from '@tanstack/react-router';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { api, call, ifMatch } from '@/shared/api/http';
import { ApiError } from '@/shared/api/problem';
import { confirm } from '@/shared/feedback/confirm';
import { errorText } from '@/shared/i18n/errors';
import type { Flow } from './flow';
import { flowOf, type FlowWhole } from './flows';

const PAUSE_MS = 700; // after the last change
const RETRY_MS = 5000;

export type Saving = 'saved' | 'changed' | 'saving' | 'failed' | 'conflict';

export interface Autosave {
  readonly status: Saving;
  readonly problem: string | null;
  /** The draft that somebody else has saved meanwhile. */
  readonly theirs: FlowWhole | null;
  readonly keepMine: () => void;
  readonly takeTheirs: () => void;
  /** Saves what is not saved yet; the version of the flow that then stands, or null when it can not be saved. */
  readonly flush: () => Promise<number | null>;
}

interface Options {
  readonly whole: FlowWhole;
  readonly flow: Flow;
  readonly readOnly: boolean;
  readonly load: (flow: Flow) => void;
}

/** Keeps the draft on the server a moment behind the editor; two people who draw at once are asked whose drawing stays. */
export function useAutosave({ whole, flow, readOnly, load }: Options): Autosave {
  const { t } = useTranslation('flows');
  const client = useQueryClient();
  const { id } = whole;
  const [status, setStatus] = useState<Saving>('saved');
  const [problem, setProblem] = useState<string | null>(null);
  const [theirs, setTheirs] = useState<FlowWhole | null>(null);
  /** What the server has, to be compared with on the screen; `saved` is the same for what runs beside the screen. */
  const [kept, setKept] = useState(flow);
  const latest = useRef(flow);
  const saved = useRef(flow);
  const version = useRef(whole.version);
  const running = useRef<Promise<void> | null>(null);

  const write = useCallback(async (): Promise<void> => {
    const sent = latest.current;
    setStatus('saving');
    try {
      const params = { path: { flow_id: id }, header: ifMatch(version.current) };
      const fresh = await call(api.PUT('/api/flows/{flow_id}/draft', { params, body: { definition: sent } }));
      version.current = fresh.version;
      saved.current = sent;
      setKept(sent);
      client.setQueryData(['flows', 'one', id], fresh);
      void client.invalidateQueries({ queryKey: ['flows', 'list'] });
      setProblem(null);
      setStatus(latest.current === sent ? 'saved' : 'changed');
    } catch (error) {
      if (error instanceof ApiError && error.status === 412) {
        setTheirs(await call(api.GET('/api/flows/{flow_id}', { params: { path: { flow_id: id } } })));
        setStatus('conflict');
      } else {
        setProblem(errorText(error));
        setStatus('failed');
      }
    }
  }, [client, id]);

  const save = useCallback(async (): Promise<void> => {
    while (running.current !== null) await running.current;
    if (saved.current === latest.current) return;
    running.current = write().finally(() => {
      running.current = null;
    });
    await running.current;
  }, [write]);

  const flush = useCallback(async (): Promise<number | null> => {
    await save();
    return saved.current === latest.current ? version.current : null;
  }, [save]);

  useEffect(() => {
    latest.current = flow;
    if (readOnly || flow === saved.current || status === 'conflict') return undefined;
    const timer = window.setTimeout(() => void save(), status === 'failed' ? RETRY_MS : PAUSE_MS);
    return () => window.clearTimeout(timer);
  }, [flow, readOnly, save, status]);

  // Somebody else saved, and nothing of ours waits: their drawing comes on the screen.
  useEffect(() => {
    if (whole.version <= version.current || latest.current !== saved.current) return;
    version.current = whole.version;
    const fresh = flowOf(whole);
    latest.current = fresh;
    saved.current = fresh;
    setKept(fresh);
    load(fresh);
  }, [whole, load]);

  useBlocker({
    shouldBlockFn: async () => {
      if (readOnly || (await flush()) !== null) return false;
      return !(await confirm({ title: t('saving.leaveTitle'), text: t('saving.leaveText'), confirm: t('saving.leave'), danger: true }));
    },
    enableBeforeUnload: () => !readOnly && saved.current !== latest.current,
  });

  const keepMine = () => {
    if (theirs === null) return;
    version.current = theirs.version;
    setTheirs(null);
    setStatus('changed');
  };
  const takeTheirs = () => {
    if (theirs === null) return;
    const fresh = flowOf(theirs);
    version.current = theirs.version;
    latest.current = fresh;
    saved.current = fresh;
    setKept(fresh);
    setTheirs(null);
    setStatus('saved');
    load(fresh);
    client.setQueryData(['flows', 'one', id], theirs);
  };
  const shown = status === 'saved' && flow !== kept ? 'changed' : status;
  return { status: shown, problem, theirs, keepMine, takeTheirs, flush };
}
