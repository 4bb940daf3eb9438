"""Whom mail about a meeting goes to: members of its room whose address is known, its host, and its guests."""

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, or_, select, true
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.people import SignInRole
from meetings.model import MeetingRecord
from meetings.provider import GUEST_PREFIX
from realtime.rooms.tables import MemberRow, UserRow


@dataclass(frozen=True)
class Recipient:
    """Somebody with an address. `user_id` None: a guest, without an account. `zone`: their own, where their token names it."""

    email: str
    name: str = ""
    user_id: str | None = None
    zone: str | None = None
    host: bool = False

    @property
    def address(self) -> str:
        """Tells whether two are the same mailbox."""
        return address_of(self.email)


def address_of(email: str) -> str:
    """The address in small letters: no mail service in use tells mailboxes apart by capitals."""
    return email.lower()


async def recipients(
    connection: AsyncConnection, meeting: MeetingRecord, address: str | None = None
) -> Mapping[str, Recipient]:
    """By address; with `address`, that one alone, if it belongs. Who stands there twice counts once: with an account rather than as a guest, as the host rather than not."""
    only = address if address is not None and address.isascii() else None  # databases differ in other letters
    belongs = select(MemberRow.user_id).where(MemberRow.room_id == meeting.room_id)
    rows = await connection.execute(
        select(UserRow.id, UserRow.name, UserRow.email, UserRow.zone)
        .where(
            or_(UserRow.id.in_(belongs), UserRow.id == meeting.host_id),
            UserRow.email.is_not(None),
            UserRow.role != SignInRole.BOT.value,
            UserRow.id.not_like(
                f"{GUEST_PREFIX}%"
            ),  # who came by an invitation is told as a guest, if at all
            func.lower(UserRow.email) == only if only is not None else true(),
        )
        .order_by(UserRow.id)
    )
    found = {address_of(email): Recipient(email) for email in meeting.guests}
    for row in rows:
        one = Recipient(row.email, row.name, row.id, row.zone, host=row.id == meeting.host_id)
        known = found.get(one.address)
        if known is None or known.user_id is None or one.host:
            found[one.address] = one
    return {name: one for name, one in found.items() if address is None or name == address}
