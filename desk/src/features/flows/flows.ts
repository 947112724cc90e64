import type { Got, Row } from '@/shared/api/types';
import type { Flow } from './flow';

export type FlowRow = Row<'/api/flows'>;
export type FlowWhole = Got<'/api/flows/{flow_id}'>;
export type FlowVersion = Row<'/api/flows/{flow_id}/versions'>;
export type Difference = FlowWhole['difference'];

/** An answer of the server holds every field, also those that a request may leave out. */
type Full<T> = T extends (infer I)[] ? Full<I>[] : T extends object ? { [K in keyof T]-?: Full<Exclude<T[K], undefined>> } : T;

type Definition = FlowWhole['draft'];

/** A definition of the server, as the editor holds it; the compiler compares the two shapes here. */
export const toFlow = (definition: Definition): Flow => definition as Full<Definition>;

export const flowOf = (whole: Pick<FlowWhole, 'draft'>): Flow => toFlow(whole.draft);

export const noChange: Full<Difference> = { added: [], changed: [], removed: [] };
