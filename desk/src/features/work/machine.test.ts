import { describe, expect, it } from 'vitest';
import type { SoftCall } from '@/shared/softphone/softphone';
import type { WorkContact } from './document';
import { START, actionOf, actionsOf, barState, keyOf, mainAction, newOffers, offersOf, reduce, toAnswer, type BarState, type Input, type Model, type Verb } from './machine';
import { contact, party, work } from './samples';

const call = (patch: Partial<SoftCall> = {}): SoftCall => ({ id: 's1', contact: 'c1', number: '1', phase: 'talking', busy: false, ...patch });
const others = [party()];

function model(contacts: WorkContact[], calls: readonly SoftCall[] = [call()], ...more: readonly Input[]): Model {
  const inputs: Input[] = [{ type: 'document', document: work({ contacts }), at: 0 }, { type: 'phone', calls, muted: false }, ...more];
  return inputs.reduce(reduce, START);
}

const verbs = (one: Model): Verb[] => actionsOf(one, one.document?.contacts[0] ?? contact()).map((action) => action.verb);

describe('the state of the bar', () => {
  it.each<[BarState, WorkContact[]]>([
    ['ready', []],
    ['ringing', [contact({ phase: 'offered' })]],
    ['talking', [contact()]],
    ['held', [contact({ held: true })]],
    ['consulting', [contact({ held: true, others })]],
    ['calling', [contact({ phase: 'calling' })]],
    ['wrap_up', [contact({ phase: 'wrap_up' })]],
    ['ringing', [contact({ phase: 'wrap_up' }), contact({ id: 'c2', phase: 'offered' })]],
    ['talking', [contact({ id: 'c2', phase: 'offered' }), contact()]],
  ])('is %s', (state, contacts) => expect(barState(model(contacts))).toBe(state));

  it('is away until the server has told', () => expect(barState(START)).toBe('away'));
});

describe('the one main action', () => {
  const main = (one: Model) => {
    const action = mainAction(one);
    return action === null ? null : `${action.verb} ${action.contact.id}`;
  };
  it.each<[string | null, WorkContact[]]>([
    [null, []],
    ['answer c1', [contact({ phase: 'offered' })]],
    ['hang-up c1', [contact()]],
    ['hang-up c1', [contact({ others: [party({ state: 'ringing' })] })]],
    ['complete c1', [contact({ others })]],
    ['finish c1', [contact({ phase: 'wrap_up' })]],
    ['answer c2', [contact({ phase: 'wrap_up' }), contact({ id: 'c2', phase: 'offered' })]],
    ['hang-up c1', [contact(), contact({ id: 'c2', phase: 'offered' })]],
  ])('is %s', (action, contacts) => expect(main(model(contacts))).toBe(action));
});

describe('what is offered in which state', () => {
  it.each<[string, Partial<WorkContact>, Verb[]]>([
    ['offered', { phase: 'offered' }, ['answer', 'decline']],
    ['calling', { phase: 'calling' }, ['hang-up']],
    ['talking', {}, ['mute', 'hold', 'keypad', 'transfer', 'help', 'escalate', 'pause-recording', 'hang-up']],
    ['held, recording paused', { held: true, recording: 'paused' }, ['mute', 'resume', 'keypad', 'transfer', 'help', 'escalate', 'resume-recording', 'hang-up']],
    ['consulting', { others, recording: 'off' }, ['mute', 'complete', 'cancel-consult', 'conference', 'help', 'escalate', 'hang-up']],
    ['wrap-up', { phase: 'wrap_up' }, ['finish']],
  ])('%s', (_name, patch, expected) => expect(verbs(model([contact(patch)]))).toEqual(expected));

  it('leaves the microphone to a desk phone', () => {
    const offered = verbs(model([contact()], []));
    expect(offered).not.toContain('mute');
    expect(offered).toContain('keypad');
  });
});

describe('why something can not be done', () => {
  const why = (one: Model, verb: Verb) => actionOf(one, one.document?.contacts[0] ?? contact(), verb)?.hindrance;

  it('a contact that rings on a desk phone is answered there', () => {
    expect(why(model([contact({ phase: 'offered' })], []), 'answer')).toBe('phone_elsewhere');
    expect(why(model([contact({ phase: 'offered' })], [call({ phase: 'ringing' })]), 'answer')).toBeNull();
    expect(why(model([contact({ phase: 'offered' })], [call({ phase: 'ringing', contact: 'other' })]), 'answer')).toBe('phone_elsewhere');
  });

  it('the project forbids to hang up on a client', () => {
    expect(why(model([contact({ may_hang_up: false })]), 'hang-up')).toBe('forbidden_by_project');
    expect(why(model([contact()]), 'hang-up')).toBeNull();
  });

  it('a key pressed twice asks once, and a refusal lets it be asked again', () => {
    const asked = model([contact()], [call()], { type: 'asked', key: keyOf('c1', 'hold') });
    expect(why(asked, 'hold')).toBe('asked');
    expect(why(asked, 'help')).toBeNull();
    const refused = reduce(asked, { type: 'refused', key: keyOf('c1', 'hold'), text: 'no' });
    expect(why(refused, 'hold')).toBeNull();
    expect(refused.refused.get(keyOf('c1', 'hold'))).toBe('no');
    expect(reduce(refused, { type: 'asked', key: keyOf('c1', 'hold') }).refused.size).toBe(0);
  });

  it('without the server only what the phone does itself', () => {
    const lost = model([contact()], [call()], { type: 'link', link: 'lost' });
    expect(why(lost, 'mute')).toBeNull();
    expect(why(lost, 'hold')).toBe('no_connection');
  });
});

describe('a new document', () => {
  it('forgets what was asked about contacts that are no more, and keeps the rest', () => {
    const before = model([contact(), contact({ id: 'c2' })], [], { type: 'asked', key: 'state' }, { type: 'asked', key: 'c1:hold' }, { type: 'asked', key: 'c2:help' });
    const after = reduce(before, { type: 'document', document: work({ contacts: [contact({ id: 'c2' })] }), at: 0 });
    expect([...after.asked]).toEqual(['state', 'c2:help']);
  });

  it('tells the offers that have come since, once', () => {
    const offered = contact({ phase: 'offered' });
    expect(newOffers(model([]), model([offered])).map((one) => one.id)).toEqual(['c1']);
    expect(newOffers(model([offered]), model([offered]))).toEqual([]);
  });

  it('measures how far the two clocks are apart', () => {
    const { clockOffset } = reduce(START, { type: 'document', document: work({ now: '2026-11-22T10:00:05Z' }), at: Date.parse('2026-11-22T10:00:00Z') });
    expect(clockOffset).toBe(5000);
  });
});

describe('calls of one’s own', () => {
  const phase = 'calling';
  it('are answered by the page; offers never', () => {
    const ringing = call({ phase: 'ringing' });
    expect(toAnswer(model([contact({ phase, direction: 'out' })], [ringing]))).toEqual([ringing]);
    expect(toAnswer(model([contact({ phase: 'offered' })], [ringing]))).toEqual([]);
    expect(toAnswer(model([contact({ phase: 'offered', direction: 'out' })], [ringing]))).toEqual([]);
    expect(toAnswer(model([], [ringing]))).toEqual([]);
  });
});

it('lists offers in the order of their coming', () => {
  const later = contact({ id: 'c2', phase: 'offered', since: '2026-11-22T10:00:09Z' });
  expect(offersOf(model([later, contact({ phase: 'offered' })])).map((one) => one.id)).toEqual(['c1', 'c2']);
});
