"""What people are told of links. Without the name of anybody's service: `message` of an event is for everybody in the room."""

from dataclasses import dataclass

from contract.meetings import LinkState
from meetings.linking.rules import Task
from meetings.provider import ProviderError, Trouble


@dataclass(frozen=True)
class Say:
    """A line of the history, and what the room is told."""

    what: str
    message: str
    reason: str | None = None


def made(task: Task, *, recovered: bool) -> Say:
    if recovered:
        return Say("link_recovered", "The meeting's link works again.")
    if task is Task.UPDATE:
        return Say("link_updated", "The provider knows of the change.")
    return Say("link_ready", "The meeting's link is ready.")


def troubled(error: ProviderError, state: LinkState) -> Say:
    """`state`: how the meeting stands by it. The provider's own words are for staff: in its history and its problems."""
    if error.trouble is Trouble.QUOTA:
        message = (
            "The provider takes no more meetings for now; it is asked again later. Your link stays the same."
        )
    elif state is LinkState.READY:
        message = "The provider could not be told of the last change; people still come in by the same link."
    else:
        message = (
            "The provider did not make the meeting's link so far. Staff can try again, or move the meeting to another "
            "provider; your link stays the same."
        )
    return Say("link_failed", message, _reason(error))


def not_deleted(error: ProviderError) -> Say:
    return Say(
        "link_not_deleted",
        "What the provider holds for a cancelled meeting could not be deleted so far.",
        _reason(error),
    )


def vanished(*, made_again: bool) -> Say:
    message = "The meeting was deleted on the provider's side"
    ending = "; it is made again. Your link stays the same." if made_again else "."
    return Say("link_gone", message + ending)


def changed_there() -> Say:
    return Say(
        "link_put_right",
        "The meeting was changed on the provider's side; it is put right again.",
    )


def tried_again() -> Say:
    return Say("link_retried", "The meeting's link is tried again.")


def _reason(error: ProviderError) -> str:
    return f"{error.message} {error.hint}"[:500] if error.hint else error.message[:500]
