/** Times as people say them, in the viewer's zone and language. */

const clock = new Intl.DateTimeFormat(undefined, { hour: "numeric", minute: "2-digit" });
const day = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long" });
const dayOfYear = new Intl.DateTimeFormat(undefined, { weekday: "long", day: "numeric", month: "long", year: "numeric" });
const short = new Intl.DateTimeFormat(undefined, { day: "numeric", month: "short" });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: "short" });
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "medium" });

const DAY_MS = 86_400_000;

export function clockTime(date: Date): string {
  return clock.format(date);
}

export function wholeTime(date: Date): string {
  return whole.format(date);
}

/** "Today", "Yesterday", "Monday 3 March". */
export function dayName(date: Date, now: Date): string {
  const days = daysBetween(date, now);
  if (days === 0) return "Today";
  if (days === 1) return "Yesterday";
  return (date.getFullYear() === now.getFullYear() ? day : dayOfYear).format(date);
}

/** For the room list: the time of today, the weekday of this week, the date of anything older. */
export function shortTime(date: Date, now: Date): string {
  const days = daysBetween(date, now);
  if (days === 0) return clock.format(date);
  if (days > 0 && days < 7) return weekday.format(date);
  return short.format(date);
}

function daysBetween(date: Date, now: Date): number {
  return Math.round((midnight(now) - midnight(date)) / DAY_MS);
}

function midnight(date: Date): number {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}
