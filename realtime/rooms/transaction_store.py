"""Reads about rooms and people inside a writing transaction, where what it wrote itself is already seen."""

from collections.abc import Iterable

from sqlalchemy import select

from auth.identity import Identity
from contract.people import Actor, RoomRole, SignInRole
from realtime.log.transaction import Transaction
from realtime.rooms import store
from realtime.rooms.store import Access, actor_of
from realtime.rooms.tables import MemberRow, UserRow


async def access_in(transaction: Transaction, who: Identity, room_id: str) -> Access:
    """How `who` stands in a room.

    Raises:
        NotFound: there is no such room.
    """
    await transaction.flush()
    return await store.access(transaction.connection, who, room_id)


async def accesses_in(
    transaction: Transaction, pairs: Iterable[tuple[str, str, SignInRole]]
) -> dict[tuple[str, str], Access]:
    """How many people stand in many rooms; pairs whose room is not there are left out."""
    await transaction.flush()
    return await store.accesses(transaction.connection, pairs)


async def member_role_in(transaction: Transaction, room_id: str, user_id: str) -> RoomRole | None:
    """Somebody's role in a room; None when they do not belong to it."""
    role = (
        await transaction.read(
            select(MemberRow.role).where(MemberRow.room_id == room_id, MemberRow.user_id == user_id)
        )
    ).scalar_one_or_none()
    return None if role is None else RoomRole(role)


async def known_in(transaction: Transaction, user_ids: Iterable[str]) -> set[str]:
    """Which of the people have a row."""
    return set((await transaction.read(select(UserRow.id).where(UserRow.id.in_(set(user_ids))))).scalars())


async def actor_in(transaction: Transaction, user_id: str) -> Actor:
    """Somebody who has a row."""
    columns = (UserRow.id, UserRow.name, UserRow.role, UserRow.picture)
    return actor_of((await transaction.read(select(*columns).where(UserRow.id == user_id))).one())
