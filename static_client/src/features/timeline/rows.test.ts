import { expect, test } from "vitest";
import { ada, ben, message } from "../../state/testing/log";
import { rowsOf } from "./rows";

const minute = (minutes: number): string => new Date(2026, 8, 14, 8, minutes).toISOString();
const base = { hasOlder: false, outgoing: [], clientIds: {}, newAfter: undefined, me: ada.id };
const shape = (input: Partial<Parameters<typeof rowsOf>[0]>): readonly string[] =>
  rowsOf({ ...base, messages: [], ...input }).map((row) => ("head" in row ? `${row.kind}${row.head ? " with name" : ""}` : row.kind));

test("messages of one author within five minutes stand together", () => {
  const messages = [0, 4, 10].map((at, index) => message(index + 1, { created_at: minute(at) }));
  expect(shape({ messages })).toEqual(["day", "message with name", "message", "message with name"]);
});

test("another author and another day begin anew", () => {
  const messages = [
    message(1, { created_at: minute(0) }),
    message(2, { created_at: minute(1), author: ada }),
    message(3, { created_at: minute(60 * 24), author: ada }),
  ];
  expect(shape({ messages })).toEqual(["day", "message with name", "message with name", "day", "message with name"]);
});

test("one line marks the first new message of somebody else", () => {
  const messages = [
    message(1, { created_at: minute(0) }),
    message(2, { created_at: minute(1), author: ada }),
    message(3, { created_at: minute(2), author: ben }),
    message(4, { created_at: minute(3), author: ben }),
  ];
  expect(shape({ messages, newAfter: 1 })).toEqual([
    "day", "message with name", "message with name", "new", "message with name", "message",
  ]);
});

test("what is new may begin further back than what is loaded: then there is no line", () => {
  const messages = [message(7, { created_at: minute(0) })];
  expect(shape({ messages, newAfter: 3, hasOlder: true })).toEqual(["day", "message with name"]);
});

test("a line keeps its key when it is confirmed, so that nothing flickers", () => {
  const item = { clientId: "c-1", roomId: "room_1", text: "Hi", createdAt: minute(0), status: "sending" } as const;
  const before = rowsOf({ ...base, messages: [], outgoing: [item] });
  const confirmed = message(1, { author: ada, created_at: minute(0) });
  const after = rowsOf({ ...base, messages: [confirmed], clientIds: { msg_1: "c-1" } });
  expect(after.map(({ key }) => key)).toEqual(before.map(({ key }) => key));
});
