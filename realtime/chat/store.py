"""SQL that reads messages. Every function reads on the connection it is given."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Select, and_, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.messages import HistoryPage, Message, MessagePage, Reaction, Revision
from realtime.chat.tables import MessageRow, ReactionRow, RevisionRow
from realtime.rooms.service import Overview
from realtime.rooms.store import actor_of
from realtime.rooms.tables import MemberRow, UserRow

PAGE_BYTES = 256 * 1024
"""A page stops early rather than weigh more: it has to fit beside other things in what may wait for one client."""

MESSAGE_COLUMNS = (
    MessageRow.id.label("message_id"),
    MessageRow.room_id,
    MessageRow.seq,
    MessageRow.text,
    MessageRow.created_at,
    MessageRow.edited_at,
    MessageRow.deleted_at,
    MessageRow.revision,
    UserRow.id,
    UserRow.name,
    UserRow.role,
    UserRow.picture,
)


def messages_query() -> Select[*tuple[Any, ...]]:
    """Messages with their authors."""
    return select(*MESSAGE_COLUMNS).join(UserRow, UserRow.id == MessageRow.author_id)


async def message(connection: AsyncConnection, message_id: str) -> Message | None:
    """One message as it stands."""
    rows = list(await connection.execute(messages_query().where(MessageRow.id == message_id)))
    return (await with_reactions(connection, rows))[0] if rows else None


async def room_of_message(connection: AsyncConnection, message_id: str) -> str | None:
    """The room that a message is in."""
    return (
        await connection.execute(select(MessageRow.room_id).where(MessageRow.id == message_id))
    ).scalar_one_or_none()


async def page(
    connection: AsyncConnection, room_id: str, wish: HistoryPage, most: int = PAGE_BYTES
) -> MessagePage:
    """A page of a room's messages, in the order of the log; it weighs at most `most` bytes, or holds one message."""
    if wish.around is not None:
        return await _around(connection, room_id, wish.around, wish.limit)
    if wish.after is not None:
        rows, more = await _newer(connection, room_id, wish.after, wish.limit, most)
    else:
        rows, more = await _older(connection, room_id, wish.before, wish.limit, most)
    items = await with_reactions(connection, rows)
    if not items:
        return MessagePage(items=[], has_more=False)
    edge = items[-1].seq if wish.after is not None else items[0].seq
    return MessagePage(items=items, has_more=more, next=edge if more else None)


async def _around(connection: AsyncConnection, room_id: str, seq: int, limit: int) -> MessagePage:
    before, more = await _older(connection, room_id, seq, limit // 2, PAGE_BYTES)
    after, newer = await _newer(connection, room_id, seq - 1, limit - limit // 2, PAGE_BYTES)
    items = await with_reactions(connection, [*before, *after])
    return MessagePage(
        items=items, has_more=more, next=items[0].seq if more and items else None, has_newer=newer
    )


async def _older(
    connection: AsyncConnection, room_id: str, before: int | None, limit: int, most: int
) -> tuple[list[Any], bool]:
    statement = messages_query().where(MessageRow.room_id == room_id)
    if before is not None:
        statement = statement.where(MessageRow.seq < before)
    rows = list(await connection.execute(statement.order_by(MessageRow.seq.desc()).limit(limit + 1)))
    kept = _within_bytes(rows[:limit], most)
    return kept[::-1], len(kept) < len(rows)


async def _newer(
    connection: AsyncConnection, room_id: str, after: int, limit: int, most: int
) -> tuple[list[Any], bool]:
    statement = messages_query().where(MessageRow.room_id == room_id, MessageRow.seq > after)
    rows = list(await connection.execute(statement.order_by(MessageRow.seq).limit(limit + 1)))
    kept = _within_bytes(rows[:limit], most)
    return kept, len(kept) < len(rows)


def message_weight(text: str) -> int:
    """About how many bytes a message weighs on the wire. A control character weighs six times what it does in UTF-8."""
    return len(json.dumps(text, ensure_ascii=False).encode()) + 600  # the rest: ids, author, instants


def _within_bytes(rows: Sequence[Any], most: int) -> list[Any]:
    """As many rows as the page may weigh, but at least one."""
    kept: list[Any] = []
    size = 0
    for row in rows:
        size += message_weight(row.text)
        if kept and size > most:
            break
        kept.append(row)
    return kept


async def with_reactions(connection: AsyncConnection, rows: Sequence[Any]) -> list[Message]:
    """The messages that the rows hold, with the reactions to them."""
    reactions = await reactions_to(connection, [row.message_id for row in rows])
    return [
        Message.model_construct(
            id=row.message_id,
            room_id=row.room_id,
            seq=row.seq,
            author=actor_of(row),
            text=row.text,
            created_at=row.created_at,
            edited_at=row.edited_at,
            deleted_at=row.deleted_at,
            revision=row.revision,
            reactions=reactions.get(row.message_id, []),
        )
        for row in rows
    ]


async def reactions_to(
    connection: AsyncConnection, message_ids: Sequence[str]
) -> Mapping[str, list[Reaction]]:
    """Who reacted to each of the messages; emoji in the order in which they were first used."""
    if not message_ids:
        return {}
    rows = await connection.execute(
        select(ReactionRow.message_id, ReactionRow.emoji, ReactionRow.user_id)
        .where(ReactionRow.message_id.in_(message_ids))
        .order_by(ReactionRow.reacted_at, ReactionRow.user_id, ReactionRow.emoji)
    )
    grouped: dict[str, dict[str, list[str]]] = {}
    for row in rows:
        grouped.setdefault(row.message_id, {}).setdefault(row.emoji, []).append(row.user_id)
    return {
        message_id: [
            Reaction.model_construct(emoji=emoji, user_ids=users) for emoji, users in by_emoji.items()
        ]
        for message_id, by_emoji in grouped.items()
    }


async def revisions(connection: AsyncConnection, message_id: str) -> list[Revision]:
    """The earlier texts, oldest first."""
    rows = await connection.execute(
        select(RevisionRow.revision, RevisionRow.text, RevisionRow.written_at)
        .where(RevisionRow.message_id == message_id)
        .order_by(RevisionRow.revision)
    )
    return [Revision(revision=row.revision, text=row.text, written_at=row.written_at) for row in rows]


async def unread(connection: AsyncConnection, user_id: str, room_ids: Iterable[str]) -> Mapping[str, int]:
    """How many messages of others, not deleted, stand above the person's read marker; rooms with none are left out."""
    rows = await connection.execute(
        select(MemberRow.room_id, func.count().label("number"))
        .join(
            MessageRow,
            and_(MessageRow.room_id == MemberRow.room_id, MessageRow.seq > MemberRow.read_seq),
        )
        .where(
            MemberRow.user_id == user_id,
            MemberRow.room_id.in_(list(room_ids)),
            MessageRow.author_id != user_id,
            MessageRow.deleted_at.is_(None),
        )
        .group_by(MemberRow.room_id)
    )
    return {row.room_id: row.number for row in rows}


async def overview(
    connection: AsyncConnection, user_id: str, room_ids: Sequence[str]
) -> Mapping[str, Overview]:
    """The newest message of each room, and how many the person has not read."""
    counts = await unread(connection, user_id, room_ids)
    newest = (
        select(MessageRow.room_id, func.max(MessageRow.seq).label("seq"))
        .where(MessageRow.room_id.in_(room_ids))
        .group_by(MessageRow.room_id)
        .subquery()
    )
    rows = await connection.execute(
        messages_query().join(
            newest, and_(newest.c.room_id == MessageRow.room_id, newest.c.seq == MessageRow.seq)
        )
    )
    last = {message.room_id: message for message in await with_reactions(connection, list(rows))}
    return {room_id: Overview(last.get(room_id), counts.get(room_id, 0)) for room_id in room_ids}
