/**
 * What an operator writes down about a contact, without a server: the note, why the client called, what came of it, and what
 * the chosen disposition asks for.
 */
import type { FieldProblem } from '@/shared/api/problem';
import type { Got, Row } from '@/shared/api/types';

export type Details = Got<'/api/interactions/{interaction_id}'>;
export type Disposition = Row<'/api/dispositions'>;
export type AskedField = Disposition['required_fields'][number];
export type Kind = Disposition['kind'];

export interface Typed {
  readonly note: string;
  readonly cause: string | null;
  readonly outcome: string | null;
  readonly fields: Readonly<Record<string, string>>;
}

export interface Draft {
  /** What the server has. */
  readonly saved: Typed;
  readonly version: number;
  readonly typed: Typed;
  readonly mayWrite: boolean;
  readonly saving: boolean;
  /** What could not be saved, in words. */
  readonly problem: string | null;
  readonly errors: readonly FieldProblem[];
  /** Finishing was tried: what is missing is named now. */
  readonly pointed: boolean;
}

export type Missing = { readonly what: 'cause' | 'outcome' } | { readonly what: 'field'; readonly field: AskedField };

const text = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '');

export function typedOf(details: Pick<Details, 'note' | 'cause_id' | 'outcome_id' | 'disposition_fields'>): Typed {
  const fields = Object.fromEntries(Object.entries(details.disposition_fields).map(([name, value]) => [name, text(value)]));
  return { note: details.note, cause: details.cause_id, outcome: details.outcome_id, fields };
}

const sameFields = (a: Typed['fields'], b: Typed['fields']): boolean =>
  [...new Set([...Object.keys(a), ...Object.keys(b)])].every((name) => (a[name] ?? '') === (b[name] ?? ''));

export const noteChanged = ({ saved, typed }: Draft): boolean => saved.note !== typed.note;
export const dispositionChanged = ({ saved, typed }: Draft): boolean => saved.cause !== typed.cause || saved.outcome !== typed.outcome || !sameFields(saved.fields, typed.fields);

/** A fresh draft; `kept` is what was typed in this tab and never reached the server. */
export function begin(details: Details, kept: Typed | null): Draft {
  const saved = typedOf(details);
  return { saved, version: details.version, typed: kept ?? saved, mayWrite: details.may_write, saving: false, problem: null, errors: [], pointed: false };
}

/** The server answered: what was typed meanwhile stays, what was not touched follows the server. */
export function arrived(draft: Draft, details: Details): Draft {
  const saved = typedOf(details);
  const typed: Typed = {
    note: noteChanged(draft) ? draft.typed.note : saved.note,
    ...(dispositionChanged(draft) ? { cause: draft.typed.cause, outcome: draft.typed.outcome, fields: draft.typed.fields } : { cause: saved.cause, outcome: saved.outcome, fields: saved.fields }),
  };
  return { ...draft, saved, version: details.version, typed, mayWrite: details.may_write };
}

/** The fields that the chosen cause and outcome ask for, each once. */
export function fieldsOf(typed: Typed, known: readonly Disposition[]): readonly AskedField[] {
  const chosen = known.filter((one) => one.id === typed.cause || one.id === typed.outcome);
  return [...new Map(chosen.flatMap((one) => one.required_fields).map((field) => [field.name, field])).values()];
}

/** What the project wants to know before the contact is finished. A project without a tree of a kind does not ask for it. */
export function missing(typed: Typed, known: readonly Disposition[], project: string): readonly Missing[] {
  const mine = known.filter((one) => one.project_id === project);
  const kinds: readonly Kind[] = ['cause', 'outcome'];
  const lacking = kinds.filter((kind) => typed[kind] === null && mine.some((one) => one.kind === kind)).map((what): Missing => ({ what }));
  const fields = fieldsOf(typed, mine).filter((field) => field.required && (typed.fields[field.name] ?? '').trim() === '');
  return [...lacking, ...fields.map((field): Missing => ({ what: 'field', field }))];
}

/** Values as the server wants them: only of fields that are asked for. */
export function valuesOf(typed: Typed, known: readonly Disposition[]): Record<string, string | number | null> {
  return Object.fromEntries(
    fieldsOf(typed, known).flatMap((field) => {
      const value = (typed.fields[field.name] ?? '').trim();
      if (value === '') return [];
      const number = Number(value.replace(',', '.'));
      return [[field.name, field.type === 'number' && Number.isFinite(number) ? number : value]];
    }),
  );
}

export interface Choice {
  readonly value: string;
  /** The whole way from the root: what is searched, and read. */
  readonly label: string;
}

export const labelOf = (labels: { readonly en: string; readonly ru?: string; readonly ro?: string }, language: string): string =>
  [labels[language as 'en' | 'ru' | 'ro'], labels.en].find((one) => one !== undefined && one !== '') ?? '';

/** The leaves of a project's tree, in its order. */
export function choices(known: readonly Disposition[], project: string, kind: Kind, language: string): readonly Choice[] {
  const mine = known.filter((one) => one.project_id === project && one.kind === kind);
  const below = (parent: string | null, path: string): Choice[] =>
    mine
      .filter((one) => one.parent_id === parent)
      .sort((a, b) => a.position - b.position)
      .flatMap((one) => {
        const label = path === '' ? labelOf(one.labels, language) : `${path} › ${labelOf(one.labels, language)}`;
        const deeper = below(one.id, label);
        return deeper.length > 0 ? deeper : [{ value: one.id, label }];
      });
  return below(null, '');
}

const plain = (words: string): string => words.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();

/** Every word that was typed begins a word of the way; diacritics may be left out. */
export function narrow(all: readonly Choice[], typed: string): readonly Choice[] {
  const parts = plain(typed).split(/\s+/).filter((part) => part !== '');
  return all.filter((one) => {
    const words = plain(one.label).split(/[^\p{L}\p{N}]+/u);
    return parts.every((part) => words.some((word) => word.startsWith(part)));
  });
}
