"""Who somebody is whom a provider told of: one of our people, by our own id or else by their address, or a name."""

import re
from datetime import UTC, datetime
from hashlib import sha256
from typing import Final

from sqlalchemy import func, select

from contract.people import Actor
from meetings.after.model import Guest
from meetings.provider import Interval
from realtime.log.transaction import Transaction
from realtime.rooms.store import actor_of
from realtime.rooms.tables import UserRow

NOBODY: Final = "Somebody"
"""Who came without a name."""

_LONGEST_NAME, _LONGEST_KEY = 120, 300
_EMAIL = re.compile(r"[^@\s,;<>\"]{1,64}@[^@\s,;<>\"]{1,189}")
_COLUMNS = (UserRow.id, UserRow.name, UserRow.role, UserRow.picture)


async def recognised(transaction: Transaction, told: Interval) -> Guest:
    """The person, and a key that is the same whenever the provider tells of them within one session."""
    email = clean_email(told.email)
    user = await _user(transaction, clean(told.user_id or "", 128), email)
    name = clean(told.name, _LONGEST_NAME) or (user.name if user is not None else "") or email or NOBODY
    given = told.external_id or told.user_id or email or name
    return Guest(bounded(given), name, user, email)


async def _user(transaction: Transaction, user_id: str, email: str | None) -> Actor | None:
    if user_id:
        found = (await transaction.read(select(*_COLUMNS).where(UserRow.id == user_id))).one_or_none()
        if found is not None:
            return actor_of(found)
    if email is None:
        return None
    matching = (
        await transaction.read(select(*_COLUMNS).where(func.lower(UserRow.email) == email).limit(2))
    ).all()
    return actor_of(matching[0]) if len(matching) == 1 else None  # an address that two share is nobody's


def clean(text: str, longest: int) -> str:
    """A vendor's text as one line that every store and every page can hold; perhaps empty."""
    whole = text.encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in whole).split())[:longest].strip()


def clean_email(text: str | None) -> str | None:
    """In lower case; None for what is no address."""
    if text is None or _EMAIL.fullmatch(text) is None or not text.isprintable():
        return None
    return text.lower()


def bounded(name: str) -> str:
    """A vendor's name for something, as a column can hold it."""
    if len(name) <= _LONGEST_KEY and name.isprintable():
        return name
    return "sha256:" + sha256(name.encode("utf-8", "surrogatepass")).hexdigest()


def instant(at: datetime) -> datetime:
    """In UTC; what tells no zone is meant so."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
