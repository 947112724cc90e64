import { describe, expect, it } from 'vitest';
import { endCause } from './causes';
import { maskedNumber, toDial, shownNumber } from './number';
import { count, judge } from './quality';

describe('a number as it was typed', () => {
  it.each([
    ['069 123-456', '069123456'],
    ['+373 (69) 12.34.56', '+37369123456'],
    ['tel:+37369123456', '+37369123456'],
    ['*21#', '*21#'],
    ['p0001', 'p0001'],
    ['sip:ana@centrala.example', 'ana'],
  ])('%s is dialled as %s', (typed, dialled) => expect(toDial(typed)).toBe(dialled));
  it.each(['', '   ', '()', 'Ana Rusu', 'a?b', '1'.repeat(65), '12+3'])('%j is not dialled', (typed) => expect(toDial(typed)).toBeNull());
  it.each([['+37369123456', '+373 ••• 56'], ['1001', '•••'], ['', '']])('%j of a client is %j', (number, masked) => expect(maskedNumber(number)).toBe(masked));
  it('a phone of ours shows no number', () => expect(shownNumber('018f'.repeat(8))).toBe(''));
});

describe('why a call ended', () => {
  const told = (status_code: number) => ({ status_code });
  it.each([
    ['Busy', told(486), 'busy'],
    ['Rejected', told(603), 'declined'],
    ['Not Found', told(404), 'unknown'],
    ['Unavailable', told(480), 'no_answer'],
    ['SIP Failure Code', told(503), 'unavailable'],
    ['Rejected', told(403), 'forbidden'],
    ['Canceled', null, 'canceled'],
    ['Connection Error', null, 'connection'],
  ] as const)('%s is said as it is', (name, message, cause) => expect(endCause(name, message, false)).toBe(cause));
  it('a colleague who was faster is named', () => {
    expect(endCause('Canceled', { getHeader: () => 'SIP;cause=200;text="Call completed elsewhere"' }, false)).toBe('elsewhere');
  });
  it('a talk is just over', () => expect(endCause('Terminated', null, true)).toBe('over'));
});

describe('quality', () => {
  const sums = { received: 1000, lost: 0, jitter: 0.005, roundTrip: 0.04, energy: 1, seconds: 10 };
  it('is judged by what came since the last look', () => {
    const later = { ...sums, received: 1090, lost: 10 };
    expect(judge(sums, later)).toMatchObject({ quality: 'poor', loss: 0.1 });
    expect(judge(null, later).quality).toBe('good');
  });
  it.each([
    [{ jitter: 0.04 }, 'fair'],
    [{ jitter: 0.08 }, 'poor'],
    [{ roundTrip: 0.4 }, 'fair'],
    [{ roundTrip: 0.6 }, 'poor'],
    [{}, 'good'],
  ])('%j is %s', (patch, quality) => expect(judge(sums, { ...sums, ...patch, received: 1100 }).quality).toBe(quality));
  it('knows how loud the other side was since the last look', () => {
    expect(judge(sums, { ...sums, energy: 1.02, seconds: 12 }).heardDb).toBe(-20);
    expect(judge(sums, sums).heardDb).toBe(-120);
    expect(count([{ type: 'inbound-rtp', kind: 'audio', totalAudioEnergy: 0.5, totalSamplesDuration: 3 }])).toMatchObject({ energy: 0.5, seconds: 3 });
  });
  it('takes the round trip of RTCP before that of ICE', () => {
    const heard = { type: 'inbound-rtp', kind: 'audio', packetsReceived: 5, packetsLost: 1, jitter: 0.01 };
    const pair = { type: 'candidate-pair', nominated: true, currentRoundTripTime: 0.2 };
    expect(count([pair])).toBeNull();
    expect(count([heard, pair])?.roundTrip).toBe(0.2);
    expect(count([heard, { type: 'remote-inbound-rtp', roundTripTime: 0.1 }, pair])?.roundTrip).toBe(0.1);
  });
});
