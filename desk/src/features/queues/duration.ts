/** Times of rules, typed the way people say them: `20` and `0:20` are twenty seconds, `1:30` is a minute and a half. */
const PARTS = /^\d{1,4}(?::[0-5]?\d){0,2}$/;

/** Seconds; null for nothing; what is no time comes back as it was typed, so that the server says so beside the field. */
export function readDuration(text: string): number | string | null {
  const typed = text.trim();
  if (typed === '') return null;
  if (!PARTS.test(typed)) return typed;
  return typed.split(':').reduce((total, part) => total * 60 + Number(part), 0);
}

const two = (value: number): string => String(value).padStart(2, '0');

/** 90 -> `1:30`; the hour only when there is one. */
export function writeDuration(seconds: number | null | undefined): string {
  if (seconds == null) return '';
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}
