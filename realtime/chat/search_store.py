"""Full-text search behind one function: FTS5 on SQLite, tsvector on PostgreSQL, over the same words."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, func, literal_column, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from contract.messages import Message, SearchMessages, SearchPage
from realtime.chat.store import messages_query, with_reactions
from realtime.chat.tables import MessageRow
from realtime.chat.words import MAX_QUERY_WORDS, phrases_of


async def search(connection: AsyncConnection, room_ids: Sequence[str], wish: SearchMessages) -> SearchPage:
    """Messages of the rooms in which every word of the query occurs, or begins a word; the newest first.

    The first words count when there are many; a query without any finds nothing.
    """
    phrases = _first(phrases_of(wish.q))
    if not phrases:
        return SearchPage(items=[], has_more=False)
    statement = (
        messages_query()
        .where(
            MessageRow.room_id.in_(room_ids), MessageRow.deleted_at.is_(None), _matches(connection, phrases)
        )
        .order_by(MessageRow.number.desc())
        .limit(wish.limit + 1)
    )
    if wish.before is not None:
        edge = select(MessageRow.number).where(MessageRow.id == wish.before).scalar_subquery()
        statement = statement.where(MessageRow.number < edge)
    rows: list[Any] = list(await connection.execute(statement))
    items: list[Message] = await with_reactions(connection, rows[: wish.limit])
    has_more = len(rows) > wish.limit
    return SearchPage(items=items, has_more=has_more, next=items[-1].id if has_more else None)


def _first(phrases: Sequence[Sequence[str]]) -> list[Sequence[str]]:
    """As many whole words as the index is asked for at once."""
    kept: list[Sequence[str]] = []
    left = MAX_QUERY_WORDS
    for phrase in phrases:
        if left > 0:
            kept.append(phrase[:left])
        left -= len(phrase)
    return kept


def _matches(connection: AsyncConnection, phrases: Sequence[Sequence[str]]) -> ColumnElement[bool]:
    """Words hold letters and digits only (`words.py`), so nothing in them is an operator of either query language."""
    if connection.dialect.name == "sqlite":
        query = " AND ".join(f'"{" ".join(phrase)}" *' for phrase in phrases)
        hits = text("SELECT rowid FROM messages_fts WHERE messages_fts MATCH :words").bindparams(words=query)
        return MessageRow.number.in_(hits.columns(literal_column("rowid")))
    query = " & ".join("(" + " <-> ".join([*phrase[:-1], f"{phrase[-1]}:*"]) + ")" for phrase in phrases)
    return func.to_tsvector(literal_column("'simple'::regconfig"), MessageRow.words).op("@@")(
        func.to_tsquery(literal_column("'simple'::regconfig"), query)
    )
