import type { Icon } from '@tabler/icons-react';

export const GROUP_ORDER = ['pages', 'people', 'clients', 'actions'] as const;

export interface PaletteItem {
  readonly id: string;
  readonly group: (typeof GROUP_ORDER)[number];
  readonly label: string;
  readonly hint?: string;
  readonly icon: Icon;
  readonly run: () => void;
}

const plain = (text: string): string => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();

/** Every word that was typed begins a word of the label; diacritics may be left out ("sarbatori" finds "Sărbători"). */
export function matches(item: { readonly label: string }, typed: string): boolean {
  const words = plain(item.label).split(/[^\p{L}\p{N}]+/u);
  return plain(typed)
    .split(/\s+/)
    .filter((part) => part !== '')
    .every((part) => words.some((word) => word.startsWith(part)));
}
