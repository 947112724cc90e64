import { useEffect, useSyncExternalStore } from 'react';
import { sessionStore } from '@/shared/session/session';
import { LiveConnection } from './connection';
import type { LiveItem, LiveState, Phase } from './machine';

function address(): string {
  const scheme = window.location.protocol === 'https:' ? 'wss' : 'ws';
  const project = sessionStore.project();
  return `${scheme}://${window.location.host}/api/live${project === null ? '' : `?project=${project}`}`;
}

export const live = new LiveConnection(address, () => sessionStore.end());

/** What each topic carries: the fields of a card that the desk reads. */
export interface Cards {
  employees: LiveItem & { given_name: string; family_name: string; team_id?: string | null; dismissed_at?: string | null };
  teams: LiveItem & { name: string };
  skills: LiveItem & { name: string };
  companies: LiveItem & { name: string; archived_at?: string | null };
  projects: LiveItem & { name: string; code: string; company_id: string; archived_at?: string | null };
  calendars: LiveItem & { name: string; project_id: string };
  trunks: LiveItem & { name: string; enabled: boolean };
  promises: LiveItem & { due_at: string; done_at?: string | null };
  notices: LiveItem & { at: string };
  dispositions: LiveItem & { project_id: string };
  phones: LiveItem & { label: string; person_id: string; registered: boolean };
  queues: LiveItem & { name: string; project_id: string; archived_at?: string | null };
  breaks: LiveItem & { name: string; planned_minutes: number; paid: boolean };
  interactions: LiveItem & { ended_at?: string | null };
}

export type TopicName = keyof Cards;

const TOPICS: readonly TopicName[] = ['employees', 'teams', 'skills', 'companies', 'projects', 'calendars', 'trunks', 'phones', 'queues', 'breaks', 'interactions', 'promises', 'notices', 'dispositions'];
const isTopic = (name: string): name is TopicName => TOPICS.some((topic) => topic === name);

/** Going from page to page must not fetch the same cards again. */
const KEEP_MS = 30_000;

const NOTHING: ReadonlyMap<string, LiveItem> = new Map();

const useLiveState = <T>(read: (state: LiveState) => T): T => useSyncExternalStore(live.subscribe, () => read(live.get()));

/** Follows a topic: what changes in it refreshes the lists and pages that are read from the server. */
export function useWatch(topic: string): void {
  const known = isTopic(topic);
  useEffect(() => {
    if (!known) return undefined;
    const release = live.watch(topic);
    return () => void setTimeout(release, KEEP_MS);
  }, [topic, known]);
}

/** All cards of a topic by id, kept fresh for as long as the caller is on the page. */
export function useCards<N extends TopicName>(topic: N): ReadonlyMap<string, Cards[N]> {
  useWatch(topic);
  const items = useLiveState((state) => state.topics.get(topic)?.items ?? NOTHING);
  // The server's own schema stands behind the shape of a card.
  return items as ReadonlyMap<string, Cards[N]>;
}

export const useLivePhase = (): Phase => useLiveState((state) => state.phase);
export const useLostSince = (): number | null => useLiveState((state) => state.lostSince);
