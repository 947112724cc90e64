import { createContext, use } from 'react';
import type { Names } from './names';

export const NamesContext = createContext<Names | null>(null);

export function useNames(): Names {
  const names = use(NamesContext);
  if (names === null) throw new Error('This part stands in the flow editor only.');
  return names;
}
