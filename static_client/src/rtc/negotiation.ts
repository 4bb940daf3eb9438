/** Interprets the negotiation's table; `signaling/negotiation.py` is the same in Python and holds the theory. */

import { CANDIDATES, EFFECTS, SELF_TRIGGERED, TABLE } from "./negotiation.gen";
import type { Action, Flags, Input, Move, Role, State, Verdict } from "./negotiation.gen";

export type { Action, Flags, Input, Role, State, Verdict } from "./negotiation.gen";

export interface Machine {
  readonly role: Role;
  readonly state: State;
  readonly flags: Flags;
}

/** The driver told of the end of something that was never begun. */
export class ImpossibleInput extends Error {}

export function newMachine(role: Role): Machine {
  return { role, state: "stable", flags: { wanted: false, ignoring: false, remote: false } };
}

/** The machine after the input, and what to do, in this order. */
export function step(machine: Machine, input: Input): readonly [Machine, readonly Action[]] {
  if (input === "remote_candidate") return [machine, [candidateAction(machine)]];
  const move = TABLE[machine.role][machine.state][input];
  if (!move) throw new ImpossibleInput(`${input} in state ${machine.state} of the ${machine.role} side`);
  const after = moved(input === "renewed" ? newMachine(machine.role) : machine, move);
  if (after.state !== "stable" || !after.flags.wanted) return [after, move.actions];
  const next = SELF_TRIGGERED[after.role];
  return [moved(after, next), [...move.actions, ...next.actions]];
}

function moved(machine: Machine, move: Move): Machine {
  const flags = move.actions.reduce((flags, action) => ({ ...flags, ...EFFECTS[action] }), machine.flags);
  return { role: machine.role, state: move.to ?? machine.state, flags };
}

function candidateAction({ state, flags }: Machine): Action {
  return state === "broken" ? "drop_candidate" : CANDIDATES[`${flags.ignoring},${flags.remote}`];
}

/** What a signal says of itself; or the last that is known of the other side. */
export interface Heading {
  readonly session: string;
  readonly connection: number;
  readonly seq: number;
}

/** Whether a signal counts. */
export function judge(known: Heading, signal: Heading): Verdict {
  if (signal.session !== known.session) return "unknown";
  if (signal.seq <= known.seq || signal.connection < known.connection) return "stale";
  return signal.connection > known.connection ? "newer" : "fresh";
}

interface Endpoint {
  readonly id: string;
  readonly offers_only: boolean;
}

/** My role towards the other, as `signaling/topology.py` assigns it: the newer of two is the polite one. */
export function roleTowards(me: Endpoint, other: Endpoint): Role {
  const older = me.id < other.id;
  if (!me.offers_only && !other.offers_only) return older ? "impolite" : "polite";
  const offers = me.offers_only === other.offers_only ? older : other.offers_only;
  return offers ? "offerer" : "answerer";
}
