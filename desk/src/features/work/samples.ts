import type { WorkContact, WorkDocument, WorkParty } from './document';

/** Made-up work for tests. */
export const contact = (patch: Partial<WorkContact> = {}): WorkContact => ({
  id: 'c1', phase: 'talking', direction: 'in', number: { masked: '+373 ••• ••123', revealable: true }, name: { masked: 'Elena Rusu', revealable: false }, customer_id: 'k1', project_id: 'p1',
  project: 'Water', queue_id: 'q1', queue: 'Bills', language: 'ro', menu_path: ['Română', 'Bills'], came_at: '2026-11-22T09:59:00Z', queued_at: '2026-11-22T09:59:10Z',
  answered_at: '2026-11-22T10:00:00Z', since: '2026-11-22T10:00:00Z', until: null, held: false, recording: 'on', others: [], note: '', transferred_by: '', may_hang_up: true, help_asked: false,
  callback: false, ...patch,
});

export const party = (patch: Partial<WorkParty> = {}): WorkParty => ({ role: 'consulted', state: 'talking', person_id: 'e2', name: 'Ion Balan', since: '2026-11-22T10:01:00Z', ...patch });

export const work = (patch: Partial<WorkDocument> = {}): WorkDocument => ({
  version: 1, now: '2026-11-22T10:00:00Z', telephony: true, phone: true, state: { state: 'ready', reason: '', since: '2026-11-22T09:00:00Z', until: null, present: true }, contacts: [],
  ...patch,
});
