/** Times and durations as people read them. */

/** `84 ms`, `1.2 s`, `2 min 5 s`, `3 h 4 min`. */
export function duration(ms: number): string {
  const value = Math.max(0, ms);
  if (value < 1000) return `${Math.round(value)} ms`;
  const seconds = value / 1000;
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${Math.floor(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60]
];

/** A duration in a document (seconds) as people write it: `90 s`, `5 min`, `2 h`, `1 d`. */
export function spanText(seconds: number): string {
  const unit = UNITS.find(([, size]) => seconds >= size && seconds % size === 0);
  return unit ? `${seconds / unit[1]} ${unit[0]}` : `${seconds} s`;
}

const SECONDS: Record<string, number> = {
  ms: 0.001,
  s: 1,
  sec: 1,
  m: 60,
  min: 60,
  h: 3600,
  d: 86_400
};

/** The seconds that `30`, `90 s`, `5 min` or `1 h 30 min` mean; NaN for anything else. */
export function secondsOf(text: string): number {
  const trimmed = text.trim().toLowerCase();
  if (/^\d*\.?\d+$/.test(trimmed)) return Number(trimmed);
  let sum = 0;
  const rest = trimmed.replace(/(\d*\.?\d+)\s*(ms|sec|s|min|m|h|d)(?![a-z])/g, (_, n, unit) => {
    sum += Number(n) * (SECONDS[String(unit)] ?? NaN);
    return '';
  });
  return rest.trim() === '' && trimmed !== '' ? sum : NaN;
}

const pad = (value: number, size = 2): string => String(value).padStart(size, '0');

/** The reader's time zone, as it was then: `UTC`, `UTC+2`, `UTC-3:30`. */
export function zone(ms: number): string {
  const minutes = -new Date(ms).getTimezoneOffset();
  if (!minutes) return 'UTC';
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  return `UTC${minutes < 0 ? '-' : '+'}${hours}${rest ? `:${pad(rest)}` : ''}`;
}

/** `14:02:11` in the reader's time zone. */
export function clock(ms: number): string {
  const date = new Date(ms);
  return `${pad(date.getHours())}:${pad(date.getMinutes())}:${pad(date.getSeconds())}`;
}

export function preciseClock(ms: number): string {
  return `${clock(ms)}.${pad(new Date(ms).getMilliseconds(), 3)}`;
}

/** `14:02:11`, with the day before it unless it is today. */
export function moment(ms: number): string {
  const date = new Date(ms);
  const today = new Date().toDateString() === date.toDateString();
  return today
    ? clock(ms)
    : `${date.getFullYear()}-${pad(date.getMonth() + 1)}-${pad(date.getDate())} ${clock(ms)}`;
}
