"""The history of a meeting: lines that are only ever added."""

from dataclasses import dataclass

from contract.meetings import Scope
from contract.people import Actor
from meetings.tables import ChangeRow
from realtime.log.transaction import Transaction


@dataclass(frozen=True)
class Line:
    """What happened, in a word for programs and in words for people."""

    what: str
    words: str
    actor: Actor | None = None
    scope: Scope | None = None
    key: str | None = None
    reason: str | None = None


def record(transaction: Transaction, meeting_id: str, line: Line) -> None:
    """Adds a line, in the transaction of what it tells."""
    transaction.add(
        ChangeRow,
        {
            "id": transaction.ids.new("chg"),
            "meeting_id": meeting_id,
            "at": transaction.now,
            "actor": line.actor.model_dump_json(exclude_none=True) if line.actor is not None else None,
            "what": line.what,
            "words": line.words,
            "scope": line.scope.value if line.scope is not None else None,
            "key": line.key,
            "reason": line.reason,
        },
    )
