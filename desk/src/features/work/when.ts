/** A moment as a person sets it on this machine's clock: `2026-11-22`, `14:30`. */
export interface Wall {
  readonly date: string;
  readonly time: string;
}

const two = (value: number): string => String(value).padStart(2, '0');
const MORNING = 9; // o'clock
const NOON = 14;

export const wallOf = (moment: Date): Wall => ({
  date: `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`,
  time: `${two(moment.getHours())}:${two(moment.getMinutes())}`,
});

/** null when it is no moment: a clock that was put forward has hours that do not exist, but no day without them. */
export function momentOf({ date, time }: Wall): Date | null {
  const moment = new Date(`${date}T${time}:00`);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

export const inMinutes = (now: Date, minutes: number): Wall => wallOf(new Date(now.getTime() + minutes * 60_000));

/** The next full quarter that is at least a quarter away. */
export function nextRound(now: Date): Wall {
  const quarter = 15 * 60_000;
  return wallOf(new Date(Math.ceil(now.getTime() / quarter + 1) * quarter));
}

const dayAt = (now: Date, days: number, hour: number): Wall => wallOf(new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, hour));

/** What people say: this afternoon (before noon only), tomorrow morning, tomorrow afternoon. */
export function quick(now: Date): readonly { readonly id: 'afternoon' | 'tomorrow' | 'tomorrowAfternoon'; readonly wall: Wall }[] {
  return [
    ...(now.getHours() < NOON - 1 ? [{ id: 'afternoon', wall: dayAt(now, 0, NOON) } as const] : []),
    { id: 'tomorrow', wall: dayAt(now, 1, MORNING) },
    { id: 'tomorrowAfternoon', wall: dayAt(now, 1, NOON) },
  ];
}
