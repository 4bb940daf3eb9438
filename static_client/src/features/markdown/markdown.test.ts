import { describe, expect, test } from "vitest";
import { isSafeLink, parse } from "./parser";
import { isEmojiOnly, isPlain, plainText } from "./plain";

const types = (text: string): readonly string[] =>
  parse(text).flatMap((token) => [token.type, ...(token.children ?? []).map(({ type }) => type)]);

describe("links", () => {
  test.each(["https://good.test", "http://good.test/a?b=c", "mailto:ada@good.test", "HTTPS://GOOD.TEST"])("may lead to %s", (address) => {
    expect(isSafeLink(address)).toBe(true);
  });

  test.each(["javascript:alert(1)", "JaVaScRiPt:alert(1)", "java\tscript:alert(1)", " javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", "blob:https://x", "//evil.test", "/api/v1/me", "#x", ""])(
    "may not lead to %j",
    (address) => {
      expect(isSafeLink(address)).toBe(false);
    },
  );

  test("are found where a protocol is named, and nowhere else", () => {
    expect(types("see https://good.test")).toContain("link_open");
    expect(types("run example.py and mail a@b.c")).not.toContain("link_open");
  });
});

test.each(["<b>x</b>", "<script>x</script>", "<!-- x -->", "a <img src=x> b"])("HTML stays text: %s", (text) => {
  expect(types(text).filter((type) => type.startsWith("html"))).toEqual([]);
});

test("pictures are not fetched", () => {
  expect(types("![x](https://evil.test/x.png)")).not.toContain("image");
});

test.each([
  ["Good morning, everybody!", true],
  ["two\nlines", true],
  ["2 + 2 = 4", true],
  ["**bold**", false],
  ["- list", false],
  ["1. first", false],
  ["https://good.test", false],
  ["    code", false],
  ["title\n---", false],
] as const)("what has no marks needs no parser: %j", (text, plain) => {
  expect(isPlain(text)).toBe(plain);
});

test("a preview is the text without its marks", () => {
  expect(plainText("# Title\n\n**Good** _morning_, see [here](https://x.test) and `code`")).toBe("Title Good _morning_, see here and code");
  expect(plainText("```js\nconst a = 1\n```")).toBe("const a = 1");
  expect([...plainText("x".repeat(500))]).toHaveLength(201);
});

test("a few emoji alone are shown large", () => {
  expect(["👍", "🎉🎉", "👩‍🏫"].map(isEmojiOnly)).toEqual([true, true, true]);
  expect(["👍 yes", "👍👍👍👍", "3", ""].map(isEmojiOnly)).toEqual([false, false, false, false]);
});
