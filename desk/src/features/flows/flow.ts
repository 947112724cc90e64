/**
 * A flow as the server has it (`FlowDefinition`): nodes, edges between exits and nodes, the node with which a call begins.
 * The compiler compares these shapes with the generated client where they are read and sent.
 */
export interface TextPiece {
  kind: 'text';
  text: Record<string, string>;
}

export interface PromptPiece {
  kind: 'prompt';
  prompt_id: string | null;
}

export const SPOKEN_AS = ['text', 'digits', 'number', 'date', 'time', 'minutes'] as const;

export interface ValuePiece {
  kind: 'value';
  variable: string;
  spoken_as: (typeof SPOKEN_AS)[number];
}

export interface PausePiece {
  kind: 'pause';
  ms: number;
}

export type Piece = TextPiece | PromptPiece | ValuePiece | PausePiece;

interface Base {
  id: string;
  label: string;
  x: number;
  y: number;
}

interface Asking extends Base {
  prompt: Piece[];
  no_input_prompt: Piece[];
  wrong_prompt: Piece[];
  wait_seconds: number;
  attempts: number;
  interruptible: boolean;
}

export interface MenuChoice {
  key: string;
  label: string;
}

export interface LanguageChoice {
  key: string;
  language: string;
}

export const DATE_ORDERS = ['ddmm', 'ddmmyy', 'ddmmyyyy', 'mmyy'] as const;

export type DigitCheck =
  | { kind: 'any' }
  | { kind: 'range'; least: number; most: number }
  | { kind: 'date'; order: (typeof DATE_ORDERS)[number] }
  | { kind: 'phone'; country: string | null }
  | { kind: 'luhn' }
  | { kind: 'mask'; mask: string };

export type Value = string | number | boolean | null;

export interface Assignment {
  variable: string;
  how: 'set' | 'add' | 'clear';
  value: Value;
}

export const COMPARES = ['is', 'is_not', 'less', 'at_most', 'more', 'at_least', 'contains', 'begins', 'ends', 'empty', 'not_empty'] as const;
export const COMPARED_AS = ['text', 'number', 'boolean', 'date'] as const;

export interface Condition {
  variable: string;
  compare: (typeof COMPARES)[number];
  compare_as: (typeof COMPARED_AS)[number];
  value: Value;
}

export interface Case {
  id: string;
  label: string;
  match: 'all' | 'any';
  conditions: Condition[];
}

export interface SkillDemand {
  skill_id: string;
  level: number;
}

export type Target = { kind: 'person'; person_id: string | null } | { kind: 'number'; number: string };

export type SayStep = Base & { kind: 'say'; prompt: Piece[]; interruptible: boolean };
export type MenuStep = Asking & { kind: 'menu'; choices: MenuChoice[] };
export type LanguageStep = Asking & { kind: 'language'; choices: LanguageChoice[] };
export type CollectStep = Asking & {
  kind: 'collect';
  variable: string;
  least: number;
  most: number;
  terminator: '#' | '*' | '';
  between_seconds: number;
  check: DigitCheck;
  read_back: boolean;
  secret: boolean;
};
export type HoursStep = Base & { kind: 'hours'; calendar_id: string | null };
export type SetStep = Base & { kind: 'set'; assignments: Assignment[] };
export type TestStep = Base & { kind: 'test'; cases: Case[] };
export type LookupStep = Base & { kind: 'lookup'; variable: string };
export type HttpStep = Base & {
  kind: 'http';
  method: 'GET' | 'POST' | 'PUT';
  url: string;
  headers: { name: string; value: string }[];
  body: string;
  timeout_seconds: number;
  results: { path: string; variable: string }[];
};
export type QueueStep = Base & { kind: 'queue'; queue_id: string | null; priority: number; skills: SkillDemand[]; demand_language: boolean };
export type TransferStep = Base & { kind: 'transfer'; to: Target; ring_seconds: number };
export type VoicemailStep = Base & { kind: 'voicemail'; prompt: Piece[]; box: string; max_seconds: number; silence_seconds: number };
export type CallbackStep = Base & {
  kind: 'callback';
  queue_id: string | null;
  prompt: Piece[];
  number: 'caller' | 'ask' | 'choose';
  country: string | null;
  attempts: number;
};
export type RateStep = Base & { kind: 'rate'; prompt: Piece[]; scale: '1-5' | '0-10'; question: string; attempts: number };
export type SubFlowStep = Base & { kind: 'flow'; flow_id: string | null };
export type ReturnStep = Base & { kind: 'return' };
export type GoToStep = Base & { kind: 'goto'; node: string | null };
export type HangUpStep = Base & { kind: 'hangup'; prompt: Piece[]; cause: 'normal' | 'busy' | 'unavailable' | 'rejected' };

export type Step =
  | SayStep
  | MenuStep
  | LanguageStep
  | CollectStep
  | HoursStep
  | SetStep
  | TestStep
  | LookupStep
  | HttpStep
  | QueueStep
  | TransferStep
  | VoicemailStep
  | CallbackStep
  | RateStep
  | SubFlowStep
  | ReturnStep
  | GoToStep
  | HangUpStep;

export type Kind = Step['kind'];
export type StepOf<K extends Kind> = Extract<Step, { kind: K }>;

export interface Edge {
  source: string;
  exit: string;
  target: string;
}

export interface Flow {
  start: string | null;
  nodes: Step[];
  edges: Edge[];
  /** That a caller may spend in menus. */
  max_seconds: number;
}

export const EMPTY_FLOW: Flow = { start: null, nodes: [], edges: [], max_seconds: 600 };
