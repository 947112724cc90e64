/** The board as a snapshot plus differences; pure. A message that does not follow asks for a fresh snapshot. */
import type { BoardOperator, BoardQueue } from './model';

export interface Board {
  /** The server's moment of the last message. */
  readonly at: string;
  readonly queues: ReadonlyMap<string, BoardQueue>;
  readonly operators: ReadonlyMap<string, BoardOperator>;
}

/** `gap`: what came can not be put onto what is there. */
export type Taken = Board | 'gap' | null;

type Json = Readonly<Record<string, unknown>>;

export const isRecord = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value);

const rows = (value: unknown): readonly Json[] | null => (Array.isArray(value) && value.every((one) => isRecord(one) && typeof one.id === 'string') ? (value as Json[]) : null);
const ids = (value: unknown): readonly string[] => (Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []);

/** null: the message says nothing about the board. */
export function take(board: Board | null, message: unknown): Taken {
  if (!isRecord(message)) return null;
  if (message.type === 'snapshot') return snapshot(message);
  if (message.type === 'changes') return board === null ? 'gap' : changes(board, message);
  return null;
}

function snapshot(message: Json): Taken {
  const [queues, operators] = [rows(message.queues), rows(message.operators)];
  if (queues === null || operators === null || typeof message.at !== 'string') return 'gap';
  return { at: message.at, queues: byId<BoardQueue>(queues), operators: byId<BoardOperator>(operators) };
}

function changes(board: Board, message: Json): Taken {
  const [queues, operators] = [rows(message.queues ?? []), rows(message.operators ?? [])];
  if (queues === null || operators === null || typeof message.at !== 'string') return 'gap';
  const gone = ids(message.gone);
  return { at: message.at, queues: merged(board.queues, queues, gone), operators: merged(board.operators, operators, gone) };
}

function byId<T extends { readonly id: string }>(items: readonly Json[]): ReadonlyMap<string, T> {
  // The server's own schema stands behind the shape of a row.
  return new Map((items as unknown as readonly T[]).map((one) => [one.id, one]));
}

/** Rows that nothing is said about stay the same objects, so that their lines on the page are not drawn again. */
function merged<T extends { readonly id: string }>(before: ReadonlyMap<string, T>, changed: readonly Json[], gone: readonly string[]): ReadonlyMap<string, T> {
  if (changed.length === 0 && !gone.some((id) => before.has(id))) return before;
  const after = new Map(before);
  for (const [id, item] of byId<T>(changed)) after.set(id, item);
  for (const id of gone) after.delete(id);
  return after;
}
