import { useMemo } from 'react';
import { useFormat } from '@/shared/i18n/format';
import type { Option } from '@/shared/table/types';
import { useCards, type TopicName } from './live';

/** Names for ids, from the live feed; what is not known (yet) is an empty text. */
export function useNames(topic: TopicName): (id: string | null | undefined) => string {
  const cards = useCards(topic);
  return (id) => {
    const card = id == null ? undefined : cards.get(id);
    return card === undefined ? '' : nameOf(card);
  };
}

function nameOf(card: Readonly<Record<string, unknown>>): string {
  if (typeof card.name === 'string') return card.name;
  return [card.given_name, card.family_name].filter((part) => typeof part === 'string').join(' ');
}

interface OptionSettings {
  /** Ids that are offered although they are put away: they are the current value. */
  readonly keep?: readonly (string | null | undefined)[];
}

/** What can be chosen of a topic, by name; what was archived or dismissed is left out. */
export function useOptions(topic: TopicName, { keep = [] }: OptionSettings = {}): Option[] {
  const cards = useCards(topic);
  const format = useFormat();
  const kept = keep.join();
  return useMemo(() => {
    const options: Option[] = [];
    for (const card of cards.values() as Iterable<Readonly<Record<string, unknown>> & { id: string }>) {
      const away = typeof card.archived_at === 'string' || typeof card.dismissed_at === 'string';
      if (!away || kept.includes(card.id)) options.push({ value: card.id, label: nameOf(card) });
    }
    return options.sort((a, b) => format.compare(a.label, b.label));
  }, [cards, format, kept]);
}
