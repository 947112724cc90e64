import { createContext, use } from 'react';
import type { Flow, Kind, Step } from './flow';
import type { Point } from './graph';
import type { EditorEvent, EditorState } from './machine';
import type { Trail } from './simulation';

export interface Finding {
  readonly code: string;
  readonly node_id: string | null;
  readonly severity: 'error' | 'warning';
  readonly params: Readonly<Record<string, unknown>>;
}

/** How steps and exits are called; in the person's language, with the names of queues and prompts. */
export interface Words {
  readonly kind: (kind: Kind) => string;
  readonly title: (step: Step) => string;
  /** What the step does, in a line. */
  readonly summary: (step: Step) => string;
  readonly exit: (step: Step, exit: string) => string;
}

export interface EditorApi {
  readonly flowId: string;
  readonly projectId: string;
  /** The project's own languages, the first one first. */
  readonly languages: readonly string[];
  readonly state: EditorState;
  readonly flow: Flow;
  readonly dispatch: (event: EditorEvent) => void;
  readonly readOnly: boolean;
  readonly words: Words;
  readonly findings: readonly Finding[];
  /** What the simulator has gone through. */
  readonly trail: Trail;
  /** Chooses a step and brings it into view. */
  readonly reveal: (id: string) => void;
  /** Makes a step of that kind: after the chosen one, or where it was dropped. */
  readonly add: (kind: Kind, at?: Point) => void;
}

export const EditorContext = createContext<EditorApi | null>(null);

export function useEditor(): EditorApi {
  const editor = use(EditorContext);
  if (editor === null) throw new Error('This part stands in the flow editor only.');
  return editor;
}
