import { useState } from "preact/hooks";
import { sentenceOf } from "../effects/patience";

export interface Attempt {
  readonly busy: boolean;
  /** Why the last one failed, in a sentence. */
  readonly problem: string | null;
  readonly attempt: (work: () => Promise<unknown>, done?: () => void) => void;
}

/** One thing under way at a time, and what became of it. */
export function useAttempt(): Attempt {
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);
  const attempt: Attempt["attempt"] = (work, done) => {
    setBusy(true);
    setProblem(null);
    work()
      .then(() => done?.())
      .catch((error: unknown) => setProblem(sentenceOf(error)))
      .finally(() => setBusy(false));
  };
  return { busy, problem, attempt };
}
