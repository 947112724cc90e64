/**
 * The editor without a page: a flow, what is chosen in it, and the way back and forth through its changes.
 *
 * Changes of one field of one step while somebody types are one step of undo: `merging` names the field.
 */
import type { Edge, Flow, Step } from './flow';
import { changeStep, connect, disconnect, dropLostEdges, paste, removeSteps, renameExits, type ExitsOf, type Point } from './graph';

export const MAX_UNDO = 200; // changes

export interface EditorState {
  readonly flow: Flow;
  readonly selected: readonly string[];
  readonly past: readonly Flow[];
  readonly future: readonly Flow[];
  /** The field that is being typed in: the next change of it joins the last one. */
  readonly merging: string | null;
}

export type EditorEvent =
  /** Another flow, or what the server has: there is nothing to undo in it. */
  | { readonly type: 'load'; readonly flow: Flow }
  /** The whole flow changed by one act: arranged, imported, taken from another version. */
  | { readonly type: 'replace'; readonly flow: Flow }
  | { readonly type: 'add'; readonly step: Step; readonly from?: { readonly id: string; readonly exit: string } | undefined }
  /** `exits`: exits that go by another name from now on; their edges go along. */
  | { readonly type: 'set'; readonly id: string; readonly field: string; readonly value: unknown; readonly exits?: ReadonlyMap<string, string> | undefined }
  | { readonly type: 'limit'; readonly seconds: number }
  | { readonly type: 'move'; readonly places: ReadonlyMap<string, Point> }
  | { readonly type: 'connect'; readonly edge: Edge }
  | { readonly type: 'disconnect'; readonly edges: readonly Pick<Edge, 'source' | 'exit'>[] }
  | { readonly type: 'remove'; readonly ids: readonly string[] }
  | { readonly type: 'paste'; readonly fragment: Flow }
  | { readonly type: 'start'; readonly id: string }
  | { readonly type: 'select'; readonly ids: readonly string[] }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' };

export const newEditor = (flow: Flow): EditorState => ({ flow, selected: [], past: [], future: [], merging: null });

const present = (flow: Flow, ids: readonly string[]): readonly string[] => ids.filter((id) => flow.nodes.some((one) => one.id === id));

function changed(state: EditorState, flow: Flow, merge: string | null = null): EditorState {
  if (flow === state.flow) return state;
  const joins = merge !== null && merge === state.merging && state.past.length > 0;
  const past = joins ? state.past : [...state.past, state.flow].slice(-MAX_UNDO);
  return { flow, selected: present(flow, state.selected), past, future: [], merging: merge };
}

function add(state: EditorState, { step, from }: Extract<EditorEvent, { type: 'add' }>): EditorState {
  const { flow } = state;
  const added: Flow = { ...flow, start: flow.start ?? step.id, nodes: [...flow.nodes, step] };
  const linked = from === undefined ? added : connect(added, { source: from.id, exit: from.exit, target: step.id });
  return { ...changed(state, linked), selected: [step.id] };
}

function move(flow: Flow, places: ReadonlyMap<string, Point>): Flow {
  const moved = flow.nodes.some((one) => {
    const place = places.get(one.id);
    return place !== undefined && (place.x !== one.x || place.y !== one.y);
  });
  return moved ? { ...flow, nodes: flow.nodes.map((one) => ({ ...one, ...places.get(one.id) })) } : flow;
}

function back(state: EditorState, from: 'past' | 'future', to: 'past' | 'future'): EditorState {
  const flow = state[from].at(-1);
  if (flow === undefined) return state;
  const rest = { [from]: state[from].slice(0, -1), [to]: [...state[to], state.flow] };
  return { ...state, ...rest, flow, selected: present(flow, state.selected), merging: null };
}

function setField(flow: Flow, { id, field, value, exits }: Extract<EditorEvent, { type: 'set' }>, exitsOf: ExitsOf): Flow {
  const next = changeStep(flow, id, (one) => {
    const before = (one as unknown as Readonly<Record<string, unknown>>)[field];
    // The forms are written against the type of the step; this is the one place that takes any field.
    return Object.is(before, value) ? one : ({ ...one, [field]: value });
  });
  if (next === flow) return flow;
  return dropLostEdges(exits === undefined ? next : renameExits(next, id, exits), exitsOf);
}

export function reduce(state: EditorState, event: EditorEvent, exitsOf: ExitsOf): EditorState {
  const { flow } = state;
  switch (event.type) {
    case 'load':
      return { ...newEditor(event.flow), selected: present(event.flow, state.selected) };
    case 'replace':
      return changed(state, event.flow);
    case 'add':
      return add(state, event);
    case 'set':
      return changed(state, setField(flow, event, exitsOf), `${event.id}.${event.field}`);
    case 'limit':
      return event.seconds === flow.max_seconds ? state : changed(state, { ...flow, max_seconds: event.seconds }, 'limit');
    case 'move':
      return changed(state, move(flow, event.places));
    case 'connect':
      return changed(state, connect(flow, event.edge));
    case 'disconnect':
      return changed(state, event.edges.reduce((all, one) => disconnect(all, one.source, one.exit), flow));
    case 'remove':
      return changed(state, removeSteps(flow, event.ids));
    case 'paste': {
      if (event.fragment.nodes.length === 0) return state;
      const pasted = paste(flow, event.fragment);
      return { ...changed(state, pasted.flow), selected: pasted.ids };
    }
    case 'start':
      return flow.start === event.id ? state : changed(state, { ...flow, start: event.id });
    case 'select':
      // Another step is looked at: what is typed next is another change.
      return { ...state, selected: present(flow, event.ids), merging: null };
    case 'undo':
      return back(state, 'past', 'future');
    case 'redo':
      return back(state, 'future', 'past');
  }
}
