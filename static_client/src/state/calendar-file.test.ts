import { expect, test } from "vitest";
import { calendarFile } from "./calendar-file";
import { SECOND, meeting, occurrence } from "./testing/meetings";

const file = (fields = {}): string => calendarFile(meeting({ description: "Bring: a map; and\nink", ...fields }), [occurrence(), occurrence(SECOND, { status: "cancelled" })], new Date(0));

test("each class is an event at its instant, with the link that stays", () => {
  expect(file().match(/BEGIN:VEVENT/g)).toHaveLength(2);
  expect(file()).toContain("DTSTART:20261124T080000Z\r\nDTEND:20261124T085000Z\r\nSUMMARY:World history\r\nDESCRIPTION:Bring: a map\\; and\\nink\r\n");
  expect(file()).toContain("URL:https://homeroom.test/m/meet_1");
  expect(file().match(/STATUS:\w+/g)).toEqual(["STATUS:CONFIRMED", "STATUS:CANCELLED"]);
});

test("long lines are folded between characters, never within one", () => {
  const long = file({ description: "é".repeat(200) });
  expect(long.split("\r\n").every((line) => new TextEncoder().encode(line).length <= 75)).toBe(true);
  expect(long.replaceAll("\r\n ", "")).toContain("é".repeat(200));
});
