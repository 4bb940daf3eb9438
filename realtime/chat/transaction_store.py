"""Reads about messages inside a writing transaction, where what it wrote itself is already seen."""

import json
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select, tuple_

from contract.errors import NotFound
from contract.messages import Message
from realtime.chat import store
from realtime.log.tables import RoomEvent
from realtime.log.transaction import Transaction


async def message_in(transaction: Transaction, message_id: str) -> Message:
    """A message as this transaction leaves it.

    Raises:
        NotFound: there is no such message.
    """
    await transaction.flush()
    found = await store.message(transaction.connection, message_id)
    if found is None:
        raise NotFound
    return found


async def sent_before(
    transaction: Transaction, keys: Iterable[tuple[str, str, str]]
) -> dict[tuple[str, str, str], tuple[int, str]]:
    """For each (room, author, client_id) that has an event: its seq and the message it is about."""
    wanted = list(keys)
    if not wanted:
        return {}
    columns = (RoomEvent.room_id, RoomEvent.actor_id, RoomEvent.client_id)
    rows = await transaction.read(
        select(*columns, RoomEvent.seq, RoomEvent.subject).where(tuple_(*columns).in_(wanted))
    )
    return {(row.room_id, row.actor_id, row.client_id): (row.seq, row.subject) for row in rows}


async def subjects_of(
    transaction: Transaction, room_id: str, message_id: str
) -> list[tuple[int, dict[str, Any]]]:
    """The events about a message, as (seq, data)."""
    rows = await transaction.read(
        select(RoomEvent.seq, RoomEvent.data).where(
            RoomEvent.room_id == room_id, RoomEvent.subject == message_id
        )
    )
    return [(row.seq, json.loads(row.data)) for row in rows]
