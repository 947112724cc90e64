import { describe, expect, it } from 'vitest';
import { fill, stateOf, toBody, toValues } from './recordings';

const RULE = { project_id: 'p', record_calls: true, recording_months: 6, personal_months: null, quota_mb: 1500, oldest_first: false, used_bytes: 750_000_000, version: 1 };

describe('rules of keeping', () => {
  it('go to the server as they came from it', () => {
    expect(toBody(toValues(RULE))).toEqual({ record_calls: true, recording_months: 6, personal_months: null, quota_mb: 1500, oldest_first: false });
  });

  it('take a quota with a comma, and leave to the server what is no number', () => {
    expect(toBody({ ...toValues(RULE), quota_mb: '2,5' }).quota_mb).toBe(2500);
    expect(toBody({ ...toValues(RULE), quota_mb: 'a lot' }).quota_mb).toBe('a lot');
    expect(toBody({ ...toValues(RULE), recording_months: ' ' }).recording_months).toBeNull();
  });

  it('show how much of the quota is used', () => {
    expect(fill(RULE)).toBe(0.5);
    expect(fill({ ...RULE, quota_mb: null })).toBeNull();
  });
});

describe('a run of the audit', () => {
  const at = '2026-11-22T03:50:00Z';
  const soon = Date.parse(at) + 60_000;

  it('waits, runs and ends', () => {
    expect(stateOf(null, soon)).toBe('never');
    expect(stateOf({ asked_at: at, began_at: null, ended_at: null }, soon)).toBe('waiting');
    expect(stateOf({ asked_at: at, began_at: at, ended_at: null }, soon)).toBe('running');
    expect(stateOf({ asked_at: at, began_at: at, ended_at: at }, soon)).toBe('done');
  });

  it('is given up after an hour', () => {
    expect(stateOf({ asked_at: at, began_at: at, ended_at: null }, soon + 3_600_000)).toBe('died');
  });
});
