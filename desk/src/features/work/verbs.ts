import { api, call } from '@/shared/api/http';
import type { Posted } from '@/shared/api/types';

export type Target = Posted<'/api/work/contacts/{interaction_id}/transfer'>;
export type Escalation = Posted<'/api/work/contacts/{interaction_id}/escalate'>;
export type Dial = Posted<'/api/work/call'>;

const path = (interaction_id: string) => ({ params: { path: { interaction_id } } });

/** What the server does with a contact. */
export const ask = {
  decline: (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/decline', path(id))),
  hold: (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/hold', path(id))),
  resume: (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/resume', path(id))),
  complete: (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/complete', path(id))),
  'cancel-consult': (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/cancel-consult', path(id))),
  conference: (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/conference', path(id))),
  'hang-up': (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/hang-up', path(id))),
  finish: (id: string) => call(api.POST('/api/work/contacts/{interaction_id}/finish', path(id))),
  consult: (id: string, body: Target) => call(api.POST('/api/work/contacts/{interaction_id}/consult', { ...path(id), body })),
  transfer: (id: string, body: Target) => call(api.POST('/api/work/contacts/{interaction_id}/transfer', { ...path(id), body })),
  help: (id: string, on: boolean, text = '') => call(api.POST('/api/work/contacts/{interaction_id}/help', { ...path(id), body: { on, text } })),
  escalate: (id: string, body: Escalation) => call(api.POST('/api/work/contacts/{interaction_id}/escalate', { ...path(id), body })),
  'pause-recording': (id: string, reason: 'manual' | 'card' = 'manual') => call(api.POST('/api/work/contacts/{interaction_id}/pause-recording', { ...path(id), body: { reason } })),
  'resume-recording': (id: string, reason: 'manual' | 'card' = 'manual') => call(api.POST('/api/work/contacts/{interaction_id}/resume-recording', { ...path(id), body: { reason } })),
  digits: (id: string, digits: string) => call(api.POST('/api/work/contacts/{interaction_id}/digits', { ...path(id), body: { digits } })),
  dial: (body: Dial) => call(api.POST('/api/work/call', { body })),
};

export const askState = (state: 'ready' | 'break' | 'off', break_id: string | null = null) => call(api.PUT('/api/work/state', { body: { state, break_id } }));
