/**
 * The editor without a page: a flow, what is chosen in it, and the way back and forth through its changes.
 *
 * Changes of one field of one step while somebody types are one step of undo: `merging` names the field.
 */
import { changeStep, connect, disconnect, dropLostLinks, paste, removeSteps, renameExits, type ExitsOf, type Graph, type Link, type Step } from './graph';

export const MAX_UNDO = 200; // changes

export interface EditorState {
  readonly graph: Graph;
  readonly selected: readonly string[];
  readonly past: readonly Graph[];
  readonly future: readonly Graph[];
  /** The field that is being typed in: the next change of it joins the last one. */
  readonly merging: string | null;
}

export type EditorEvent =
  /** Another flow, or what the server has: there is nothing to undo in it. */
  | { readonly type: 'load'; readonly graph: Graph }
  /** The whole flow changed by one act: arranged, imported, taken from another version. */
  | { readonly type: 'replace'; readonly graph: Graph }
  | { readonly type: 'add'; readonly step: Step; readonly from?: { readonly id: string; readonly exit: string } | undefined }
  /** `exits`: exits that go by another name from now on; their links go along. */
  | { readonly type: 'set'; readonly id: string; readonly field: string; readonly value: unknown; readonly exits?: ReadonlyMap<string, string> }
  | { readonly type: 'rename'; readonly id: string; readonly name: string }
  | { readonly type: 'move'; readonly places: ReadonlyMap<string, { readonly x: number; readonly y: number }> }
  | { readonly type: 'connect'; readonly link: Link }
  | { readonly type: 'disconnect'; readonly links: readonly Pick<Link, 'from' | 'exit'>[] }
  | { readonly type: 'remove'; readonly ids: readonly string[] }
  | { readonly type: 'paste'; readonly fragment: Graph }
  | { readonly type: 'start'; readonly id: string }
  | { readonly type: 'select'; readonly ids: readonly string[] }
  | { readonly type: 'undo' }
  | { readonly type: 'redo' };

export const newEditor = (graph: Graph): EditorState => ({ graph, selected: [], past: [], future: [], merging: null });

const present = (graph: Graph, ids: readonly string[]): readonly string[] => ids.filter((id) => graph.steps.some((one) => one.id === id));

function changed(state: EditorState, graph: Graph, merge: string | null = null): EditorState {
  if (graph === state.graph) return state;
  const joins = merge !== null && merge === state.merging && state.past.length > 0;
  const past = joins ? state.past : [...state.past, state.graph].slice(-MAX_UNDO);
  return { graph, selected: present(graph, state.selected), past, future: [], merging: merge };
}

function add(state: EditorState, { step, from }: Extract<EditorEvent, { type: 'add' }>): EditorState {
  const { graph } = state;
  const added: Graph = { ...graph, start: graph.start ?? step.id, steps: [...graph.steps, step] };
  const linked = from === undefined ? added : connect(added, { from: from.id, exit: from.exit, to: step.id });
  return { ...changed(state, linked), selected: [step.id] };
}

function move(graph: Graph, places: ReadonlyMap<string, { readonly x: number; readonly y: number }>): Graph {
  const moved = graph.steps.some((one) => {
    const place = places.get(one.id);
    return place !== undefined && (place.x !== one.x || place.y !== one.y);
  });
  return moved ? { ...graph, steps: graph.steps.map((one) => ({ ...one, ...places.get(one.id) })) } : graph;
}

function back(state: EditorState, from: 'past' | 'future', to: 'past' | 'future'): EditorState {
  const graph = state[from].at(-1);
  if (graph === undefined) return state;
  const rest = { [from]: state[from].slice(0, -1), [to]: [...state[to], state.graph] };
  return { ...state, ...rest, graph, selected: present(graph, state.selected), merging: null };
}

function setField(graph: Graph, { id, field, value, exits }: Extract<EditorEvent, { type: 'set' }>, exitsOf: ExitsOf): Graph {
  const next = changeStep(graph, id, (one) => (Object.is(one.settings[field], value) ? one : { ...one, settings: { ...one.settings, [field]: value } }));
  if (next === graph) return graph;
  return dropLostLinks(exits === undefined ? next : renameExits(next, id, exits), exitsOf);
}

export function reduce(state: EditorState, event: EditorEvent, exitsOf: ExitsOf): EditorState {
  const { graph } = state;
  switch (event.type) {
    case 'load':
      return { ...newEditor(event.graph), selected: present(event.graph, state.selected) };
    case 'replace':
      return changed(state, event.graph);
    case 'add':
      return add(state, event);
    case 'set':
      return changed(state, setField(graph, event, exitsOf), `${event.id}.${event.field}`);
    case 'rename':
      return changed(state, changeStep(graph, event.id, (one) => (one.name === event.name ? one : { ...one, name: event.name })), `${event.id} name`);
    case 'move':
      return changed(state, move(graph, event.places));
    case 'connect':
      return changed(state, connect(graph, event.link));
    case 'disconnect':
      return changed(state, event.links.reduce((all, one) => disconnect(all, one.from, one.exit), graph));
    case 'remove':
      return changed(state, removeSteps(graph, event.ids));
    case 'paste': {
      if (event.fragment.steps.length === 0) return state;
      const pasted = paste(graph, event.fragment);
      return { ...changed(state, pasted.graph), selected: pasted.ids };
    }
    case 'start':
      return graph.start === event.id ? state : changed(state, { ...graph, start: event.id });
    case 'select':
      // Another step is looked at: what is typed next is another change.
      return { ...state, selected: present(graph, event.ids), merging: null };
    case 'undo':
      return back(state, 'past', 'future');
    case 'redo':
      return back(state, 'future', 'past');
  }
}
