/** Days of a time zone as instants: for filters by day, and for periods of reports. */

function offsetMinutes(at: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(at);
  const get = (type: string) => Number(parts.find((part) => part.type === type)?.value);
  const wall = Date.UTC(get('year'), get('month') - 1, get('day'), get('hour'), get('minute'), get('second'));
  return Math.round((wall - at.getTime()) / 60_000);
}

function instant(day: string, time: string, zone: string): string {
  const wall = new Date(`${day}T${time}Z`);
  // The offset is looked up twice: the first guess may stand on the other side of a clock change.
  const guess = new Date(wall.getTime() - offsetMinutes(wall, zone) * 60_000);
  return new Date(wall.getTime() - offsetMinutes(guess, zone) * 60_000).toISOString();
}

export const startOfDay = (day: string, zone: string): string => instant(day, '00:00:00.000', zone);
export const endOfDay = (day: string, zone: string): string => instant(day, '23:59:59.999', zone);

/** The day on the zone's wall calendar. */
export function dayOf(at: string, zone: string): string | null {
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) return null;
  return new Date(date.getTime() + offsetMinutes(date, zone) * 60_000).toISOString().slice(0, 10);
}
