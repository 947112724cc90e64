/** Which exits a step has, in the order in which they are shown (as `centrala.ivr.machine.exits` has them). */
import type { Flow, Kind, Step } from './flow';

const FIXED: Readonly<Record<Kind, readonly string[]>> = {
  say: ['next'],
  menu: ['no_input', 'wrong'],
  language: ['next', 'no_input', 'wrong'],
  collect: ['next', 'no_input', 'wrong'],
  hours: ['open', 'closed', 'holiday'],
  set: ['next'],
  test: ['else'],
  lookup: ['found', 'not_found', 'failed'],
  http: ['next', 'refused', 'failed'],
  queue: ['after', 'overflow', 'closed', 'no_operator', 'voicemail', 'callback', 'failed'],
  transfer: ['after', 'busy', 'no_answer', 'failed'],
  voicemail: ['next', 'empty'],
  callback: ['ordered', 'declined', 'failed'],
  rate: ['next', 'no_input'],
  flow: ['next'],
  return: [],
  goto: [],
  hangup: [],
};

/** Exits that are rarely used: they are drawn when they lead somewhere, or when their step is chosen. */
const ASIDE: Readonly<Partial<Record<Kind, readonly string[]>>> = {
  menu: ['wrong'],
  language: ['no_input', 'wrong'],
  collect: ['wrong'],
  hours: ['holiday'],
  lookup: ['failed'],
  http: ['refused'],
  queue: ['closed', 'no_operator', 'voicemail', 'callback', 'failed'],
  transfer: ['busy', 'no_answer'],
  voicemail: ['empty'],
  callback: ['failed'],
  rate: ['no_input'],
};

/** What is taken where an exit leads nowhere; an exit that is not here and leads nowhere ends the call. */
const INSTEAD: Readonly<Partial<Record<Kind, Readonly<Record<string, string>>>>> = {
  language: { no_input: 'next', wrong: 'next' },
  hours: { holiday: 'closed' },
  lookup: { failed: 'not_found' },
  http: { refused: 'failed' },
  queue: { closed: 'overflow', no_operator: 'overflow', failed: 'overflow' },
  transfer: { busy: 'failed', no_answer: 'failed' },
  voicemail: { empty: 'next' },
  callback: { failed: 'declined' },
  rate: { no_input: 'next' },
};

export function exitsOf(step: Step): readonly string[] {
  const fixed = FIXED[step.kind];
  if (step.kind === 'menu') return [...new Set(step.choices.map((one) => `key:${one.key}`)), ...fixed];
  if (step.kind === 'test') return [...new Set(step.cases.map((one) => `case:${one.id}`)), ...fixed];
  return fixed;
}

/** Exits that stand on the drawing. */
export function drawnExits(flow: Flow, step: Step, chosen: boolean): readonly string[] {
  const aside = ASIDE[step.kind] ?? [];
  return exitsOf(step).filter((exit) => chosen || !aside.includes(exit) || flow.edges.some((one) => one.source === step.id && one.exit === exit));
}

/** The exit that is taken when this one leads nowhere. */
export const insteadOf = (kind: Kind, exit: string): string | null => INSTEAD[kind]?.[exit] ?? null;
