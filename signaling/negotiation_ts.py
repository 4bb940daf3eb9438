"""The negotiation's table for the browser, and what it must answer: written by `scripts.generated_docs`.

The browser interprets the same table. The fixture lists the outcome of every input in every situation that can be
reached, so that a test there shows both interpreters to be one.
"""

import json
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import product

from signaling.negotiation import (
    CANDIDATES,
    EFFECTS,
    SELF_TRIGGERED,
    TABLE,
    Action,
    Flags,
    Heading,
    ImpossibleInputError,
    Input,
    Machine,
    Move,
    Role,
    State,
    Verdict,
    judge,
    step,
)

PATH = "static_client/src/rtc/negotiation.gen.ts"
OUTCOMES_PATH = "static_client/src/rtc/testing/negotiation.gen.json"

_HEAD = """\
/* eslint-disable */
// Generated from signaling/negotiation.py by `make contract`. Do not edit. The theory stands there.

export interface Move {
  /** Null where the state stays. */
  readonly to: State | null;
  readonly actions: readonly Action[];
}

export interface Flags {
  readonly wanted: boolean;
  readonly ignoring: boolean;
  readonly remote: boolean;
}
"""


def table_ts() -> str:
    """The module: every name as a union, every table as data."""
    unions = "\n".join(_union(names) for names in (Role, State, Input, Action, Verdict))
    return "\n".join([_HEAD, unions, _table(), _self_triggered(), _candidates(), _effects()])


def outcomes_json() -> str:
    """One outcome in each line: role, state, flags, input; state, flags and actions after it."""
    rows = [json.dumps(row) for row in _outcomes()]
    verdicts = [json.dumps(row) for row in _verdicts()]
    return (
        '{\n"outcomes": [\n' + ",\n".join(rows) + '\n],\n"verdicts": [\n' + ",\n".join(verdicts) + "\n]\n}\n"
    )


def reachable(role: Role) -> list[Machine]:
    """Every situation that some series of inputs leads to."""
    found = [Machine(role)]
    for machine in found:
        for what in Input:
            outcome = _try(machine, what)
            if outcome is not None and outcome[0] not in found:
                found.append(outcome[0])
    return found


def _outcomes() -> Iterator[list[object]]:
    for role in Role:
        for machine, what in product(reachable(role), Input):
            outcome = _try(machine, what)
            before = [role, machine.state, _letters(machine.flags), what]
            if outcome is None:
                yield [*before, None, "", []]
            else:
                after, actions = outcome
                yield [*before, after.state, _letters(after.flags), list(actions)]


def _verdicts() -> Iterator[list[object]]:
    known = Heading("s", 1, 5)
    for session, connection, seq in product(("s", "other"), (0, 1, 2), (4, 5, 6)):
        yield [session, connection, seq, judge(known, Heading(session, connection, seq))]


def _try(machine: Machine, what: Input) -> tuple[Machine, tuple[Action, ...]] | None:
    try:
        return step(machine, what)
    except ImpossibleInputError:
        return None


def _letters(flags: Flags) -> str:
    """The initials of the flags that are set."""
    return "".join(name[0] for name in ("wanted", "ignoring", "remote") if getattr(flags, name))


def _union(names: type[StrEnum]) -> str:
    return f"export type {names.__name__} =\n" + "\n".join(f'  | "{name}"' for name in names) + ";\n"


def _table() -> str:
    lines = [
        "export const TABLE: Readonly<Record<Role, Readonly<Record<State, { readonly [what in Input]?: Move }>>>> = {"
    ]
    for role in Role:
        lines.append(f"  {role}: {{")
        for state in State:
            lines.append(f"    {state}: {{")
            lines += [
                f"      {what}: {_move(TABLE[role, state, what])},"
                for what in Input
                if (role, state, what) in TABLE
            ]
            lines.append("    },")
        lines.append("  },")
    return "\n".join([*lines, "};\n"])


def _self_triggered() -> str:
    rows = _rows((role, _move(move)) for role, move in SELF_TRIGGERED.items())
    return (
        "/** What a role does when it is stable and something is wanted. */\n"
        f"export const SELF_TRIGGERED: Readonly<Record<Role, Move>> = {{\n{rows}}};\n"
    )


def _candidates() -> str:
    names = {True: "true", False: "false"}
    rows = _rows(
        (f'"{names[ignoring]},{names[remote]}"', f'"{action}"')
        for (ignoring, remote), action in CANDIDATES.items()
    )
    return (
        "/** By `ignoring,remote`: what to do with a candidate that arrived. */\n"
        f"export const CANDIDATES: Readonly<Record<`${{boolean}},${{boolean}}`, Action>> = {{\n{rows}}};\n"
    )


def _effects() -> str:
    rows = _rows((action, json.dumps(effect)) for action, effect in EFFECTS.items())
    return (
        "/** How actions change the flags. */\n"
        f"export const EFFECTS: {{ readonly [action in Action]?: Partial<Flags> }} = {{\n{rows}}};\n"
    )


def _rows(pairs: Iterable[tuple[str, str]]) -> str:
    return "".join(f"  {key}: {value},\n" for key, value in pairs)


def _move(move: Move) -> str:
    to = "null" if move.to is None else f'"{move.to}"'
    return f"{{ to: {to}, actions: {json.dumps(list(move.actions))} }}"
