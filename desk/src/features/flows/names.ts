import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, call } from '@/shared/api/http';
import type { Option } from '@/shared/table/types';
import { useCards } from '@/shared/live/live';
import { useOptions } from '@/shared/live/cards';
import { useFormat } from '@/shared/i18n/format';
import type { Prompt } from './prompts';

const MANY = 200; // rows of one page, the most that the server gives

export interface Names {
  readonly queues: readonly Option[];
  readonly calendars: readonly Option[];
  readonly flows: readonly Option[];
  readonly people: readonly Option[];
  readonly skills: readonly Option[];
  readonly prompts: readonly Prompt[];
}

/** Whatever the steps of a project's flow may name, by name. */
export function useStepNames(projectId: string): Names {
  const format = useFormat();
  const people = useOptions('employees');
  const skills = useOptions('skills');
  const cards = useCards('calendars');
  const queueCards = useCards('queues');
  const query = { project_id: projectId, page_size: MANY };
  const flows = useQuery({ queryKey: ['flows', 'names', projectId], queryFn: ({ signal }) => call(api.GET('/api/flows', { params: { query }, signal })) });
  const prompts = useQuery({ queryKey: ['prompts', 'names', projectId], queryFn: ({ signal }) => call(api.GET('/api/prompts', { params: { query }, signal })) });
  return useMemo(() => {
    const named = (rows: readonly { readonly id: string; readonly name: string }[] | undefined): Option[] =>
      (rows ?? []).map((one) => ({ value: one.id, label: one.name })).sort((a, b) => format.compare(a.label, b.label));
    return {
      queues: named([...queueCards.values()].filter((one) => one.project_id === projectId && one.archived_at == null)),
      calendars: named([...cards.values()].filter((one) => one.project_id === projectId)),
      flows: named(flows.data?.items),
      people,
      skills,
      prompts: prompts.data?.items ?? [],
    };
  }, [queueCards, flows.data, prompts.data, cards, people, skills, projectId, format]);
}

export const labelOf = (options: readonly Option[], id: string | null): string | null => options.find((one) => one.value === id)?.label ?? null;
