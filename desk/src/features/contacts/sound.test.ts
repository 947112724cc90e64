import { describe, expect, it } from 'vitest';
import type { Mark } from './contacts';
import { after, bars, pauses, silences } from './sound';

const mark = (kind: Mark['kind'], at_ms: number): Mark => ({ id: null, at_ms, kind, text: '', made_by: null, made_at: null });

describe('bars', () => {
  it('show the loudest moment of each stretch', () => {
    expect(bars([0, 255, 0, 51], 2)).toEqual([1, 0.2]);
  });

  it('repeat a peak when there is more room than peaks', () => {
    expect(bars([255, 0], 4)).toEqual([1, 1, 0, 0]);
  });

  it('are none without sound', () => {
    expect(bars([], 10)).toEqual([]);
  });
});

describe('silences', () => {
  it('are those in which neither side speaks for long enough, short of their ends', () => {
    const customer = [200, 0, 0, 0, 0, 200, 0, 0];
    const centre = [0, 0, 0, 0, 0, 0, 0, 200];
    expect(silences({ peaks: [customer, centre], duration_ms: 8000 })).toEqual([{ from: 1250, to: 4750 }]);
  });

  it('end with the recording', () => {
    expect(silences({ peaks: [[200, 0, 0, 0]], duration_ms: 4000 })).toEqual([{ from: 1250, to: 3750 }]);
  });

  it('are left at their end', () => {
    const spans = [{ from: 1000, to: 4000 }];
    expect(after(spans, 2000)).toBe(4000);
    expect(after(spans, 4000)).toBeNull();
  });
});

describe('pauses', () => {
  it('go from the pause to where the recording went on', () => {
    expect(pauses([mark('resume', 9000), mark('pause', 5000), mark('mark', 6000)], 20_000)).toEqual([{ from: 5000, to: 9000 }]);
  });

  it('last to the end when the recording did not go on', () => {
    expect(pauses([mark('pause', 5000)], 20_000)).toEqual([{ from: 5000, to: 20_000 }]);
  });
});
