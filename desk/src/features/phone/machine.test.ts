import { describe, expect, it } from 'vitest';
import { MAX_CALLS, MOVES, START, WISHES, find, headline, mainCall, reduce, toSave, type Call, type Effect, type Event, type Phase, type PhoneState } from './machine';

const DIALOG = { callId: 'c', localTag: 'l', remoteTag: 'r' };
const PHASES = Object.keys(MOVES) as Phase[];
const READY: PhoneState = { ...START, link: 'ready' };

function call(phase: Phase, patch: Partial<Call> = {}): Call {
  return {
    id: 'a', direction: 'in', name: 'Ana', number: '37369', contact: null, phase, since: 1, answeredAt: phase === 'talking' || phase === 'held' ? 1 : null,
    pending: null, dialog: DIALOG, cause: phase === 'ended' ? 'over' : null, rings: false, consultFor: null, restoring: null, ...patch,
  };
}

const holding = (...calls: Call[]): PhoneState => ({ ...READY, calls });
const run = (state: PhoneState, ...events: Event[]): [PhoneState, Effect[]] =>
  events.reduce<[PhoneState, Effect[]]>(
    ([now, done], event) => {
      const [next, effects] = reduce(now, event);
      return [next, [...done, ...effects]];
    },
    [state, []],
  );

describe('every event of SIP in every phase', () => {
  const events = ['accepted', 'heldDone', 'resumedDone', 'ended'] as const;
  for (const phase of PHASES) {
    for (const type of events) {
      const to = MOVES[phase][type];
      it(`${phase} + ${type} = ${to ?? 'nothing'}`, () => {
        const before = holding(call(phase));
        const event = { accepted: { type, id: 'a', dialog: DIALOG, at: 9 }, ended: { type, id: 'a', cause: 'over', at: 9 } }[type as string] ?? { type, id: 'a', at: 9 };
        const [after] = reduce(before, event as Event);
        expect(find(after, 'a')?.phase).toBe(to ?? phase);
        if (to === undefined) expect(after.calls).toEqual(before.calls);
        else expect(find(after, 'a')?.since).toBe(9);
      });
    }
  }
});

describe('every wish in every phase', () => {
  const extra: Record<string, object> = { digits: { digits: '5' }, transfer: { number: '12' }, join: { other: 'b' } };
  for (const phase of PHASES) {
    for (const type of Object.keys(WISHES) as (keyof typeof WISHES)[]) {
      const may = WISHES[type].includes(phase);
      it(`${phase}: ${type} ${may ? 'does something' : 'changes nothing'}`, () => {
        const client = call('held', { id: 'b' });
        const state = holding(call(phase, { consultFor: 'b' }), client);
        const [after, effects] = reduce(state, { type, id: 'a', ...extra[type] } as Event);
        expect(effects.length > 0).toBe(may);
        if (!may) expect(after).toBe(state);
      });
      it(`${phase}: ${type} of an unknown call changes nothing`, () => {
        const state = holding(call(phase));
        expect(reduce(state, { type, id: 'x', ...extra[type] } as Event)).toEqual([state, []]);
      });
    }
  }
});

describe('several calls', () => {
  it('puts on hold whom one talks to when another is answered, resumed or dialled', () => {
    const talk = call('talking');
    const hold = { do: 'hold', id: 'a' };
    expect(run(holding(talk, call('ringing', { id: 'b' })), { type: 'answer', id: 'b' })[1]).toEqual([hold, { do: 'answer', id: 'b' }]);
    expect(run(holding(talk, call('held', { id: 'b' })), { type: 'resume', id: 'b' })[1]).toEqual([hold, { do: 'resume', id: 'b' }]);
    expect(run(holding(talk), { type: 'dial', id: 'b', number: '5', at: 1 })[1][0]).toEqual(hold);
  });

  it('talks to one only when two stand at once', () => {
    const [after, effects] = run(holding(call('talking'), call('calling', { id: 'b' })), { type: 'accepted', id: 'b', dialog: DIALOG, at: 2 });
    expect(effects).toEqual([{ do: 'hold', id: 'a' }]);
    expect(find(after, 'a')?.pending).toBe('hold');
  });

  it('answers busy to one caller too many and refuses to dial', () => {
    const full = holding(...Array.from({ length: MAX_CALLS }, (_, index) => call('held', { id: `${index}` })));
    expect(reduce(full, { type: 'incoming', id: 'x', name: '', number: '1', at: 1 })).toEqual([full, [{ do: 'hangUp', id: 'x', busy: true }]]);
    expect(reduce(full, { type: 'dial', id: 'x', number: '1', at: 1 })[0].trouble).toBe('too_many');
  });

  it('rings before everything else and shows the talk before the hold', () => {
    expect(headline(holding(call('talking'), call('ringing', { id: 'b' })))).toBe('ringing');
    expect(mainCall(holding(call('held'), call('talking', { id: 'b' })))?.id).toBe('b');
    expect(headline({ ...READY, link: 'offline' })).toBe('offline');
  });
});

it('answers at once what this person has asked the centre for, and puts the talk of now on hold', () => {
  const event: Event = { type: 'incoming', id: 'x', name: '', number: '1', wanted: true, at: 1 };
  expect(reduce(READY, event)[1]).toEqual([{ do: 'answer', id: 'x' }]);
  expect(reduce(holding(call('talking')), event)[1]).toEqual([{ do: 'hold', id: 'a' }, { do: 'answer', id: 'x' }]);
  expect(reduce(READY, { ...event, wanted: false })[1]).toEqual([]);
});

describe('asked once', () => {
  it('does not answer twice, yet always hangs up', () => {
    const [asked, first] = run(holding(call('ringing')), { type: 'answer', id: 'a' });
    expect(first).toHaveLength(1);
    expect(reduce(asked, { type: 'answer', id: 'a' })[1]).toEqual([]);
    expect(reduce(asked, { type: 'hangUp', id: 'a' })[1]).toEqual([{ do: 'hangUp', id: 'a', busy: false }]);
  });

  it('can be asked again after it was refused', () => {
    const [after] = run(holding(call('talking')), { type: 'hold', id: 'a' }, { type: 'refused', id: 'a' });
    expect(find(after, 'a')?.pending).toBeNull();
  });

  it('does not dial while there is no server', () => {
    expect(reduce({ ...READY, link: 'offline' }, { type: 'dial', id: 'b', number: '5', at: 1 })[1]).toEqual([]);
  });
});

describe('transfer', () => {
  it('connects the client with the colleague who was asked', () => {
    const state = holding(call('held'), call('talking', { id: 'b', consultFor: 'a' }));
    const [after, effects] = reduce(state, { type: 'complete', id: 'b' });
    expect(effects).toEqual([{ do: 'join', id: 'a', other: 'b' }]);
    expect(after.calls.map((one) => one.pending)).toEqual(['transfer', 'transfer']);
    const [failed] = reduce(after, { type: 'transferFailed', id: 'a' });
    expect(failed.trouble).toBe('transfer_failed');
    expect(failed.calls.map((one) => one.pending)).toEqual([null, null]);
  });

  it('says "handed over" of a call that ended by it', () => {
    const [after] = run(holding(call('talking')), { type: 'transfer', id: 'a', number: '5' }, { type: 'ended', id: 'a', cause: 'over', at: 3 });
    expect(find(after, 'a')?.cause).toBe('moved');
  });
});

describe('mute', () => {
  it('is for the calls that are up and ends with the last', () => {
    expect(reduce(READY, { type: 'mute', on: true })).toEqual([READY, []]);
    const [muted, effects] = reduce(holding(call('talking')), { type: 'mute', on: true });
    expect(effects).toEqual([{ do: 'mute', on: true }]);
    expect(reduce(muted, { type: 'ended', id: 'a', cause: 'over', at: 2 })[0].muted).toBe(false);
  });
});

describe('a reload', () => {
  const saved = toSave(holding(call('held'), call('talking', { id: 'b' }), call('ringing', { id: 'c' }), call('talking', { id: 'd', pending: 'end' })));

  it('keeps what can be taken up, and nothing that was being ended', () => {
    expect(saved.map(({ id, phase }) => [id, phase])).toEqual([['a', 'held'], ['b', 'talking']]);
  });

  it('takes the place of the old dialog, and holds again what was on hold', () => {
    const [state, effects] = run(READY, ...saved.map((one): Event => ({ type: 'restore', saved: one, at: 5 })));
    expect(effects.map((one) => one.do === 'call' && one.replaces)).toEqual([DIALOG, DIALOG]);
    const [back, holds] = run(state, { type: 'accepted', id: 'a', dialog: DIALOG, at: 6 }, { type: 'accepted', id: 'b', dialog: DIALOG, at: 6 });
    expect(holds).toEqual([{ do: 'hold', id: 'a' }]);
    expect(find(back, 'b')).toMatchObject({ phase: 'talking', answeredAt: 1, restoring: null });
  });
});
