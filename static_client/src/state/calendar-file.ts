/** A meeting as a file that calendar programs read (RFC 5545): each class as an event of its own, at its instant. */

import type { Meeting, Occurrence } from "../contract.gen";

export function calendarFile(meeting: Meeting, occurrences: readonly Occurrence[], now: Date): string {
  const lines = ["BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Homeroom//Calendar//EN", "METHOD:PUBLISH"];
  for (const occurrence of occurrences) lines.push(...event(meeting, occurrence, now));
  return [...lines, "END:VCALENDAR", ""].flatMap(folded).join("\r\n");
}

function event(meeting: Meeting, occurrence: Occurrence, now: Date): readonly string[] {
  return [
    "BEGIN:VEVENT",
    `UID:${meeting.id}-${occurrence.key.replaceAll(/\W/g, "")}@homeroom`,
    `SEQUENCE:${meeting.sequence}`,
    `DTSTAMP:${instant(now)}`,
    `DTSTART:${instant(new Date(occurrence.starts_at))}`,
    `DTEND:${instant(new Date(occurrence.ends_at))}`,
    `SUMMARY:${escaped(occurrence.title)}`,
    ...(meeting.description ? [`DESCRIPTION:${escaped(meeting.description)}`] : []),
    `URL:${meeting.link}`,
    `LOCATION:${escaped(meeting.link)}`,
    `STATUS:${occurrence.status === "cancelled" ? "CANCELLED" : "CONFIRMED"}`,
    "END:VEVENT",
  ];
}

function instant(date: Date): string {
  return `${date.toISOString().slice(0, 19).replaceAll(/[-:]/g, "")}Z`;
}

/** RFC 5545 section 3.3.11. */
function escaped(text: string): string {
  return text.replaceAll(/([\\;,])/g, "\\$1").replaceAll(/\r?\n/g, "\\n");
}

/** Lines are at most 75 bytes long; what goes on begins with a space (RFC 5545 section 3.1). */
function folded(line: string): readonly string[] {
  const encoder = new TextEncoder();
  const lines: string[] = [];
  let now = "";
  for (const character of line) {
    if (encoder.encode(now + character).length > 75) {
      lines.push(now);
      now = " ";
    }
    now += character;
  }
  return [...lines, now];
}
