/** Times in a zone, and whether two zones show the same time. */

export function viewerZone(): string {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Making a format is slow, and a calendar needs thousands of times. */
const formats = new Map<string, Intl.DateTimeFormat>();

function format(name: string, zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${name} ${zone}`;
  const made = formats.get(key) ?? new Intl.DateTimeFormat(undefined, { ...options, timeZone: zone });
  formats.set(key, made);
  return made;
}

function zoneKnown(zone: string): boolean {
  try {
    return Boolean(format("time", zone, { hour: "numeric", minute: "2-digit" }));
  } catch {
    return false;
  }
}

function known(zone: string): string {
  return zoneKnown(zone) ? zone : "UTC";
}

/** "9:00 AM", or "09:00", as people there write it. */
export function timeIn(zone: string, date: Date): string {
  return format("time", known(zone), { hour: "numeric", minute: "2-digit" }).format(date);
}

/** "9:00 – 9:50 AM". */
export function timesIn(zone: string, from: Date, to: Date): string {
  return format("time", known(zone), { hour: "numeric", minute: "2-digit" }).formatRange(from, to);
}

/** "Tuesday, November 24". */
export function dayIn(zone: string, date: Date): string {
  return format("day", known(zone), { weekday: "long", day: "numeric", month: "long" }).format(date);
}

/** "Tue, Nov 24". */
export function shortDayIn(zone: string, date: Date): string {
  return format("short", known(zone), { weekday: "short", day: "numeric", month: "short" }).format(date);
}

/** "Tue, Nov 24, 2026", where the year is not the one that everybody thinks of. */
export function dateIn(zone: string, date: Date): string {
  return format("date", known(zone), { weekday: "short", day: "numeric", month: "short", year: "numeric" }).format(date);
}

/** Whether clocks in both zones show the same at that moment. */
export function sameClock(a: string, b: string, date: Date): boolean {
  const wall = (zone: string): string => format("wall", known(zone), { dateStyle: "short", timeStyle: "short", hourCycle: "h23" }).format(date);
  return a === b || wall(a) === wall(b);
}

/** "Europe/Paris" as people say it: "Paris time". */
export function zoneName(zone: string): string {
  const city = zone.split("/").at(-1)?.replaceAll("_", " ") ?? zone;
  return zone === "UTC" || zone === "Etc/UTC" ? "UTC" : `${city} time`;
}

export function allZones(): readonly string[] {
  const zones = Intl.supportedValuesOf("timeZone");
  return zones.includes("UTC") ? zones : [...zones, "UTC"];
}
