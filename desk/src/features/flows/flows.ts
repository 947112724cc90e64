import type { Got, Row } from '@/shared/api/types';
import { exitsOf } from './exits';
import type { Flow } from './flow';
import { arrange } from './layout';

export type FlowRow = Row<'/api/flows'>;
export type FlowWhole = Got<'/api/flows/{flow_id}'>;
export type FlowVersion = Row<'/api/flows/{flow_id}/versions'>;
export type Difference = FlowWhole['difference'];

/** An answer of the server holds every field, also those that a request may leave out. */
type Full<T> = T extends (infer I)[] ? Full<I>[] : T extends object ? { [K in keyof T]-?: Full<Exclude<T[K], undefined>> } : T;

type Definition = FlowWhole['draft'];

/** A definition of the server, as the editor holds it; the compiler compares the two shapes here. */
export const toFlow = (definition: Definition): Flow => definition as Full<Definition>;

/** The draft; steps that nobody has placed (a flow that a program wrote) are put in order. */
export function flowOf(whole: Pick<FlowWhole, 'draft'>): Flow {
  const flow = toFlow(whole.draft);
  const [first, ...others] = flow.nodes;
  const unplaced = first !== undefined && others.length > 0 && others.every((one) => one.x === first.x && one.y === first.y);
  return unplaced ? arrange(flow, exitsOf) : flow;
}

export const noChange: Full<Difference> = { added: [], changed: [], removed: [] };
