import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Preview, PreviewMeeting } from "../contract.gen";
import { Refusal } from "../net/socket";
import { createPreviewer } from "./previewer";
import type { Previewed } from "./previewer";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const wish = (starts: string): PreviewMeeting => ({ starts, zone: "UTC", minutes: 50 });
const preview = (words: string): Preview => ({ occurrences: [], total: 1, words, clashes: [], notes: [] });

function scene() {
  const seen: Previewed[] = [];
  const questions: { starts: string; answer: (preview: Preview) => void; refuse: (error: Error) => void; signal: AbortSignal }[] = [];
  const previewer = createPreviewer(
    ({ starts }, signal) => new Promise((answer, refuse) => void questions.push({ starts, answer, refuse, signal })),
    (previewed) => void seen.push(previewed),
  );
  return { seen, questions, previewer };
}

test("typing is waited out: one question for many keystrokes", async () => {
  const { questions, previewer } = scene();
  for (const minute of ["1", "2", "3"]) previewer.want(wish(`2026-11-24T09:0${minute}`));
  await vi.advanceTimersByTimeAsync(1_000);
  expect(questions.map(({ starts }) => starts)).toEqual(["2026-11-24T09:03"]);
});

test("an answer to what is not asked any more is dropped", async () => {
  const { seen, questions, previewer } = scene();
  previewer.want(wish("a"));
  await vi.advanceTimersByTimeAsync(300);
  previewer.want(wish("b"));
  await vi.advanceTimersByTimeAsync(300);
  expect(questions[0]?.signal.aborted).toBe(true);
  questions[1]?.answer(preview("second"));
  questions[0]?.answer(preview("first"));
  await vi.advanceTimersByTimeAsync(0);
  expect(seen.filter(({ kind }) => kind === "shown")).toEqual([{ kind: "shown", preview: preview("second") }]);
});

test("the last answer stays in view while the next is awaited; the same question is not asked twice", async () => {
  const { seen, questions, previewer } = scene();
  previewer.want(wish("a"));
  await vi.advanceTimersByTimeAsync(300);
  questions[0]?.answer(preview("first"));
  await vi.advanceTimersByTimeAsync(0);
  previewer.want(wish("a"));
  previewer.want(wish("b"));
  expect(seen.at(-1)).toEqual({ kind: "asking", preview: preview("first") });
  previewer.want(null);
  await vi.advanceTimersByTimeAsync(1_000);
  expect(seen.at(-1)).toEqual({ kind: "nothing" });
  expect(questions).toHaveLength(1);
});

test("a refusal is told in its own words; what may succeed later is asked again", async () => {
  const { seen, questions, previewer } = scene();
  previewer.want(wish("a"));
  await vi.advanceTimersByTimeAsync(300);
  questions[0]?.refuse(new Refusal("rate_limited", "Too many requests.", true, 500));
  await vi.advanceTimersByTimeAsync(600);
  expect(seen.at(-1)).toEqual({ kind: "refused", sentence: "Too many requests." });
  expect(questions).toHaveLength(2);
});
