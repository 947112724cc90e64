import { describe, expect, it } from 'vitest';
import { SEQUENCE_MS, isSingleKey, keyCaps, match, pressName } from './keys';

const press = (key: string, code: string, more: Partial<Parameters<typeof pressName>[0]> = {}) =>
  pressName({ key, code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...more });

describe('a key press', () => {
  it('is named by its place, so a Russian layout reaches the same shortcut', () => {
    expect(press('л', 'KeyK', { ctrlKey: true })).toBe('mod+k');
    expect(press('k', 'KeyK', { metaKey: true })).toBe('mod+k');
  });

  it('does not name Shift twice for a sign that needs it', () => {
    expect(press('?', 'Slash', { shiftKey: true })).toBe('?');
    expect(press('G', 'KeyG', { shiftKey: true })).toBe('shift+g');
  });
});

describe('a sequence', () => {
  const known = ['g e', 'g a', '?', 'mod+k'];

  it('is completed by its second key', () => {
    const first = match(known, null, 'g', 0);
    expect(first).toEqual({ hit: null, pending: { first: 'g', at: 0 } });
    expect(match(known, first.pending, 'e', 500).hit).toBe('g e');
  });

  it('is forgotten after a while', () => {
    expect(match(known, { first: 'g', at: 0 }, 'e', SEQUENCE_MS + 1).hit).toBeNull();
  });

  it('gives way to a shortcut that is pressed in between', () => {
    expect(match(known, { first: 'g', at: 0 }, '?', 10)).toEqual({ hit: '?', pending: null });
  });
});

it('lets combinations act while somebody types, single keys not', () => {
  expect(['?', 'g e', 'shift+g', '/'].every(isSingleKey)).toBe(true);
  expect(['mod+k', 'alt+u', 'escape'].some(isSingleKey)).toBe(false);
});

it('writes keys as they stand on the keyboard', () => {
  expect(keyCaps('mod+k', false)).toEqual(['Ctrl', 'K']);
  expect(keyCaps('g e', false)).toEqual(['G', 'E']);
});
