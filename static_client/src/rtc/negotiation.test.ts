import { describe, expect, test } from "vitest";
import { ImpossibleInput, judge, roleTowards, step } from "./negotiation";
import type { Action, Input, Machine, Role, State, Verdict } from "./negotiation";
import fixture from "./testing/negotiation.gen.json";

type Outcome = [Role, State, string, Input, State | null, string, Action[]];

function machine(role: Role, state: State, letters: string): Machine {
  const flags = { wanted: letters.includes("w"), ignoring: letters.includes("i"), remote: letters.includes("r") };
  return { role, state, flags };
}

describe("the table", () => {
  test("has the same outcome here as on the server, whatever the situation", () => {
    const outcomes = fixture.outcomes as unknown as Outcome[];
    expect(outcomes.length).toBeGreaterThan(500);
    for (const [role, state, flags, input, after, flagsAfter, actions] of outcomes) {
      const before = machine(role, state, flags);
      if (after === null) expect(() => step(before, input)).toThrow(ImpossibleInput);
      else expect(step(before, input)).toEqual([machine(role, after, flagsAfter), actions]);
    }
  });

  test("signals are judged as on the server", () => {
    for (const [session, connection, seq, verdict] of fixture.verdicts as [string, number, number, Verdict][]) {
      expect(judge({ session: "s", connection: 1, seq: 5 }, { session, connection, seq })).toBe(verdict);
    }
  });
});

describe("roles", () => {
  const browser = (id: string) => ({ id, offers_only: false });
  const bot = (id: string) => ({ id, offers_only: true });

  test("the newer of two is polite", () => {
    expect([roleTowards(browser("1"), browser("2")), roleTowards(browser("2"), browser("1"))]).toEqual(["impolite", "polite"]);
  });

  test("nobody waits for an offer of a peer that makes none", () => {
    expect([roleTowards(browser("2"), bot("1")), roleTowards(bot("1"), browser("2"))]).toEqual(["offerer", "answerer"]);
    expect([roleTowards(bot("1"), bot("2")), roleTowards(bot("2"), bot("1"))]).toEqual(["offerer", "answerer"]);
  });
});
