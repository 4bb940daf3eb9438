"""Decisions about messages that need no database."""

from auth.permissions import Action
from contract.errors import Conflict, Forbidden
from contract.messages import Message

MAX_EMOJI = 20
"""Different emoji on one message."""


def deletion(message: Message, user_id: str) -> Action:
    """What somebody must be allowed to do to delete this message."""
    return Action.MESSAGE_DELETE_OWN if message.author.id == user_id else Action.MESSAGE_DELETE_ANY


def reading_revisions(message: Message, user_id: str) -> Action:
    """What somebody must be allowed to do to see the earlier texts. Of a deleted message only the staff sees them."""
    if message.author.id == user_id and message.deleted_at is None:
        return Action.MESSAGE_REVISIONS_OWN
    return Action.MESSAGE_REVISIONS


def check_editable(message: Message, user_id: str) -> None:
    """Raises Forbidden for somebody else's message, Conflict for a deleted one."""
    if message.author.id != user_id:
        raise Forbidden("Only its author can edit a message.")
    if message.deleted_at is not None:
        raise Conflict("The message was deleted.")


def check_reactable(message: Message, emoji: str) -> None:
    """Raises Conflict for a deleted message, and for one that has many different emoji already."""
    if message.deleted_at is not None:
        raise Conflict("The message was deleted.")
    present = {reaction.emoji for reaction in message.reactions}
    if emoji not in present and len(present) >= MAX_EMOJI:
        raise Conflict(f"A message takes {MAX_EMOJI} different emoji at most.")
