/** Dates and times as people type them; ISO (`2026-11-22`, `09:30`) inside. */

const VALID = (year: number, month: number, day: number): string | null => {
  const date = new Date(Date.UTC(year, month - 1, day));
  const real = date.getUTCFullYear() === year && date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
  return real && year >= 1900 && year <= 2200 ? date.toISOString().slice(0, 10) : null;
};

/**
 * `22.11.2026`, `22/11/26`, `22.11` (this year), `2026-11-22`. Day before month, as all three languages of the desk
 * write it. null: not a date.
 */
export function parseDate(text: string, today: Date): string | null {
  const trimmed = text.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})$/.exec(trimmed);
  if (iso) return VALID(Number(iso[1]), Number(iso[2]), Number(iso[3]));
  const local = /^(\d{1,2})[./\- ](\d{1,2})(?:[./\- ](\d{2}|\d{4}))?\.?$/.exec(trimmed);
  if (!local) return null;
  const written = local[3] === undefined ? today.getFullYear() : Number(local[3]);
  return VALID(written < 100 ? 2000 + written : written, Number(local[2]), Number(local[1]));
}

/** `9`, `930`, `9:30`, `09.30`, `24:00` (only as an end). null: not a time. */
export function parseTime(text: string, end = false): string | null {
  const match = /^(\d{1,2})(?:[:.\s]?(\d{2}))?$/.exec(text.trim());
  if (!match) return null;
  const hours = Number(match[1]);
  const minutes = Number(match[2] ?? '0');
  if (minutes > 59 || hours > 24 || (hours === 24 && (minutes > 0 || !end))) return null;
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`;
}
