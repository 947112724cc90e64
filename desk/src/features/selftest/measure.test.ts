import { describe, expect, it } from 'vitest';
import { NOTHING, STEPS, allDone, callFigures, cameBack, decibels, isEcho, network, networkGood, passed, verdict, type Results } from './measure';

const GOOD: Results = { microphoneDb: -20, heard: true, echo: false, replayed: true, network: { roundTripMs: 20, jitterMs: 3, lost: 0 }, call: null };
const CALL = { roundTripMs: 40, jitterMs: 4, lost: 0, returnedDb: -22 };

describe('the network', () => {
  it('is the median, the mean step, and what got lost', () => {
    expect(network([10, 30, null, 20])).toEqual({ roundTripMs: 20, jitterMs: 15, lost: 0.25 });
  });
  it('that never answers is no measure', () => expect(network([null, null])).toBeNull());
  it.each([
    [{ roundTripMs: 301 }, false],
    [{ jitterMs: 61 }, false],
    [{ lost: 0.05 }, false],
    [{ roundTripMs: 300, jitterMs: 60, lost: 0.02 }, true],
  ])('%j is good: %s', (patch, good) => expect(networkGood({ roundTripMs: 10, jitterMs: 1, lost: 0, ...patch })).toBe(good));
});

describe('levels', () => {
  it('a full sine is 3 dB below full scale, silence the floor', () => {
    const sine = Float32Array.from({ length: 4800 }, (_, index) => Math.sin((2 * Math.PI * index) / 48));
    expect(decibels(sine)).toBeCloseTo(-3.01, 1);
    expect(decibels(new Float32Array(10))).toBe(-120);
  });
  it('an echo stands above the room', () => {
    expect(isEcho(-80, -50)).toBe(true);
    expect(isEcho(-60, -52)).toBe(false);
    expect(isEcho(-110, -90)).toBe(false);
  });
});

describe('the whole check', () => {
  it('passes when each step is good; an echo alone does not fail it', () => {
    expect(passed('local', GOOD)).toBe(true);
    expect(passed('local', { ...GOOD, echo: true })).toBe(true);
  });
  it.each<[(typeof STEPS)['local'][number], Partial<Results>]>([
    ['microphone', { microphoneDb: -60 }],
    ['speaker', { heard: false }],
    ['recording', { replayed: false }],
    ['network', { network: { roundTripMs: 900, jitterMs: 3, lost: 0 } }],
  ])('a bad %s fails it', (step, patch) => {
    const results = { ...GOOD, ...patch };
    expect(verdict(step, results)).toBe('bad');
    expect(allDone('local', results)).toBe(true);
    expect(passed('local', results)).toBe(false);
  });
  it('is not done while a step is open', () => {
    expect(STEPS.local.map((step) => verdict(step, NOTHING))).toEqual(STEPS.local.map(() => 'open'));
    expect(allDone('local', { ...GOOD, heard: null })).toBe(false);
  });
});

describe('the test call', () => {
  const heard = (patch: object) => ({ loss: 0, jitterMs: 4, roundTripMs: 40, heardDb: -22, ...patch });
  it('is summed up over its stretches, without the first', () => {
    expect(callFigures([heard({ loss: 1, jitterMs: 900 }), heard({ jitterMs: 9 }), heard({ loss: 0.1, heardDb: -18, roundTripMs: 60 })])).toEqual({ roundTripMs: 60, jitterMs: 9, lost: 0.05, returnedDb: -18 });
    expect(callFigures([heard({ roundTripMs: null })])).toEqual({ roundTripMs: 0, jitterMs: 4, lost: 0, returnedDb: -22 });
    expect(callFigures([])).toBeNull();
  });
  it.each([
    [{}, true, 'good'],
    [{}, false, 'bad'],
    [{ returnedDb: -70 }, true, 'bad'],
    [{ lost: 0.2 }, true, 'bad'],
  ] as const)('%j, heard: %s is %s', (patch, replayed, found) => {
    const results = { ...GOOD, network: null, call: { ...CALL, ...patch }, replayed };
    expect(verdict('call', results)).toBe(found);
    expect(allDone('call', results)).toBe(true);
    expect(passed('call', results)).toBe(found === 'good');
  });
  it('is open until the person has said what they heard', () => {
    expect(verdict('call', { ...GOOD, call: CALL, replayed: null })).toBe('open');
    expect(cameBack(CALL)).toBe(true);
  });
});
