import type { Got } from '@/shared/api/types';

export type Targets = Got<'/api/work/targets'>;

export interface Found {
  readonly kind: 'person' | 'queue' | 'number';
  readonly person_id: string | null;
  readonly queue_id: string | null;
  readonly number: string;
  readonly name: string;
  /** Of a person; of a queue how many wait. */
  readonly state: string;
}

const SHOWN = 6;
const NUMBER = /^\+?[\d\s()./-]{3,}$/;
const plain = (text: string): string => text.normalize('NFD').replace(/\p{Diacritic}/gu, '').toLowerCase();

/** What was typed as a number, or null. */
export function toTarget(text: string): Found | null {
  const typed = text.trim();
  if (!NUMBER.test(typed)) return null;
  const number = typed.replace(/[^\d+]/g, '');
  return { kind: 'number', person_id: null, queue_id: null, number, name: typed, state: '' };
}

type Colleague = Targets['people'][number];

/** One word for a colleague: whom one may ask stands first. */
export const stateOf = (one: Colleague): 'ready' | 'busy' | 'break' | 'off' => {
  if (one.state === 'off' || !one.present) return 'off';
  if (one.state === 'break') return 'break';
  return one.busy || one.state !== 'ready' ? 'busy' : 'ready';
};

const ORDER = ['ready', 'busy', 'break', 'off'];

/** Colleagues and queues whose words begin with what was typed; queues of the contact's project only. */
export function byName(targets: Targets | undefined, text: string, project: string): readonly Found[] {
  if (targets === undefined || toTarget(text) !== null) return [];
  const parts = plain(text).split(/\s+/).filter((part) => part !== '');
  const fits = (name: string) => {
    const words = plain(name).split(/[^\p{L}\p{N}]+/u);
    return parts.every((part) => words.some((word) => word.startsWith(part)));
  };
  const people = targets.people
    .filter((one) => fits(one.name) && stateOf(one) !== 'off')
    .map((one): Found => ({ kind: 'person', person_id: one.id, queue_id: null, number: '', name: one.name, state: stateOf(one) }))
    .sort((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state));
  const queues = targets.queues
    .filter((one) => one.project_id === project && fits(one.name))
    .map((one): Found => ({ kind: 'queue', person_id: null, queue_id: one.id, number: '', name: one.name, state: String(one.waiting) }));
  return [...queues, ...people].slice(0, SHOWN);
}
