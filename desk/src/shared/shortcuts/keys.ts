/** Which key was pressed, in the notation of the shortcuts: `mod+k`, `?`, `g e` (one after the other), `escape`. */
export interface KeyPress {
  readonly key: string;
  readonly ctrlKey: boolean;
  readonly metaKey: boolean;
  readonly altKey: boolean;
  readonly shiftKey: boolean;
}

export const SEQUENCE_MS = 1200;

/**
 * With Ctrl or Cmd the letter's place on the keyboard counts (`code`), so that Ctrl+K works on a Russian layout too;
 * the same for single letters.
 */
export function pressName(press: KeyPress & { readonly code: string }): string {
  const place = /^Key([A-Z])$/.exec(press.code)?.[1]?.toLowerCase();
  const key = place ?? press.key.toLowerCase();
  const mod = press.ctrlKey || press.metaKey ? 'mod+' : '';
  const alt = press.altKey ? 'alt+' : '';
  // `?` already says that Shift was held.
  const shift = press.shiftKey && (mod || alt || key.length > 1 || place !== undefined) ? 'shift+' : '';
  return `${mod}${alt}${shift}${key}`;
}

/** A single printable key acts only when nobody types (WCAG 2.1.4), a combination always. */
export const isSingleKey = (keys: string): boolean => !/^(mod|alt)\+/.test(keys) && keys !== 'escape' && !/^f\d+$/.test(keys);

export interface Pending {
  readonly first: string;
  readonly at: number;
}

/** One press after another: which shortcut it completes, or what it begins. */
export function match(
  known: readonly string[],
  pending: Pending | null,
  name: string,
  now: number,
): { readonly hit: string | null; readonly pending: Pending | null } {
  if (pending !== null && now - pending.at <= SEQUENCE_MS) {
    const sequence = `${pending.first} ${name}`;
    if (known.includes(sequence)) return { hit: sequence, pending: null };
  }
  if (known.includes(name)) return { hit: name, pending: null };
  const begins = known.some((keys) => keys.startsWith(`${name} `));
  return { hit: null, pending: begins ? { first: name, at: now } : null };
}

/** How the keys are written for people. */
export function keyCaps(keys: string, mac: boolean): string[] {
  const caps: Readonly<Record<string, string>> = {
    mod: mac ? '⌘' : 'Ctrl',
    alt: mac ? '⌥' : 'Alt',
    shift: mac ? '⇧' : 'Shift',
    enter: '↵',
    escape: 'Esc',
    arrowup: '↑',
    arrowdown: '↓',
  };
  return keys.split(/[+ ]/).map((part) => caps[part] ?? (part.length === 1 ? part.toUpperCase() : part));
}
