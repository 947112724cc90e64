import { expect, it } from 'vitest';
import { readDuration, writeDuration } from './duration';

it('takes seconds, minutes and hours as people type them', () => {
  expect(['20', '0:20', '1:30', ' 2:05 ', '1:00:00', '90:00'].map(readDuration)).toEqual([20, 20, 90, 125, 3600, 5400]);
});

it('takes nothing for no rule', () => {
  expect(readDuration('  ')).toBeNull();
});

it('leaves what is no time as it is, so that the server can name the mistake', () => {
  expect(['soon', '1:75', '-5', '1,5'].map(readDuration)).toEqual(['soon', '1:75', '-5', '1,5']);
});

it('reads back what it has written', () => {
  for (const seconds of [0, 5, 59, 60, 61, 600, 3599, 3600, 86_399]) expect(readDuration(writeDuration(seconds))).toBe(seconds);
  expect(writeDuration(null)).toBe('');
});
