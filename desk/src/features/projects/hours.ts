/** Weekly hours as the calendar keeps them; Monday is 0. */
export interface Span {
  readonly weekday: number;
  readonly opens: string;
  /** At or before `opens`: on the next day; `00:00` is midnight. */
  readonly closes: string;
}

export const WEEKDAYS = [0, 1, 2, 3, 4, 5, 6] as const;
const DAY_MINUTES = 1440;

export const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3, 5));

/** How long a span lasts, in minutes; a span that closes when it opens lasts a whole day. */
export function lengthOf(span: Pick<Span, 'opens' | 'closes'>): number {
  const length = minutesOf(span.closes) - minutesOf(span.opens);
  return length > 0 ? length : length + DAY_MINUTES;
}

/** Minutes open in a week, overlaps counted twice. */
export const weekMinutes = (hours: readonly Span[]): number => hours.reduce((sum, span) => sum + lengthOf(span), 0);

/** Pieces of the seven days as fractions of a day, a span past midnight cut in two (Sunday's end is on Monday). */
export function bands(hours: readonly Span[]): { readonly weekday: number; readonly from: number; readonly to: number }[] {
  return hours.flatMap((span) => {
    const from = minutesOf(span.opens);
    const to = from + lengthOf(span);
    const today = { weekday: span.weekday, from: from / DAY_MINUTES, to: Math.min(1, to / DAY_MINUTES) };
    if (to <= DAY_MINUTES) return [today];
    return [today, { weekday: (span.weekday + 1) % 7, from: 0, to: to / DAY_MINUTES - 1 }];
  });
}

/** Spans of one weekday that meet another span of the same day. */
export function overlapping(hours: readonly Span[], weekday: number): boolean {
  const day = hours.filter((span) => span.weekday === weekday).map((span) => [minutesOf(span.opens), minutesOf(span.opens) + lengthOf(span)] as const);
  const sorted = day.toSorted((a, b) => a[0] - b[0]);
  return sorted.some((span, index) => index > 0 && span[0] < (sorted[index - 1]?.[1] ?? 0));
}

/** The next sensible span of a day: after the last one, else office hours. */
export function nextSpan(hours: readonly Span[], weekday: number): Span {
  const last = hours.filter((span) => span.weekday === weekday).toSorted((a, b) => minutesOf(a.opens) - minutesOf(b.opens)).at(-1);
  if (last === undefined) return { weekday, opens: '09:00', closes: '18:00' };
  const start = Math.min(23 * 60, minutesOf(last.opens) + lengthOf(last) + 60);
  const clock = (minutes: number) => `${String(Math.floor(minutes / 60) % 24).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
  return { weekday, opens: clock(start), closes: clock(Math.min(DAY_MINUTES, start + 120)) };
}

/** One day's hours for other days too. */
export function copyDay(hours: readonly Span[], from: number, to: readonly number[]): Span[] {
  const source = hours.filter((span) => span.weekday === from);
  const others = hours.filter((span) => span.weekday === from || !to.includes(span.weekday));
  return [...others, ...to.filter((day) => day !== from).flatMap((weekday) => source.map((span) => ({ ...span, weekday })))];
}
