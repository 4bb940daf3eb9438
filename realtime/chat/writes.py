"""What is written about messages: one intention for each thing that can happen to them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, update

from auth.identity import Identity
from auth.permissions import Action
from contract.errors import NotFound
from contract.events import LogEvent
from contract.messages import (
    Message,
    MessageAnswer,
    MessageDeleted,
    MessageNew,
    MessageUpdated,
    Reaction,
    ReactionAnswer,
    ReactionChanged,
)
from realtime.chat import rules
from realtime.chat.tables import MessageRow, ReactionRow, RevisionRow
from realtime.chat.transaction_store import message_in, sent_before, subjects_of
from realtime.chat.words import words_of
from realtime.log.tables import RoomEvent
from realtime.log.transaction import Draft, Transaction, encoded
from realtime.log.writer import Intention
from realtime.rooms.rules import actor_of
from realtime.rooms.store import Access
from realtime.rooms.transaction_store import access_in, accesses_in


class Send(Intention[MessageAnswer]):
    """Says something, once for each `client_id`."""

    def __init__(self, who: Identity, room_id: str, text: str, client_id: str | None) -> None:
        self.who = who
        self.room_id = room_id
        self.client_id = client_id
        self._text = text
        self._access: Access | None = None
        self._before: tuple[int, str] | None = None
        self.repeated = False

    @classmethod
    async def prepare(cls, transaction: Transaction, batch: Sequence[Any]) -> None:
        """Two queries for the whole run: how everybody stands, and which of the `client_id`s are known."""
        sends: Sequence[Send] = batch
        found = await accesses_in(
            transaction, [(send.room_id, send.who.user_id, send.who.role) for send in sends]
        )
        known = await sent_before(
            transaction,
            [(send.room_id, send.who.user_id, send.client_id) for send in sends if send.client_id],
        )
        for send in sends:
            send._access = found.get((send.room_id, send.who.user_id))
            send._before = known.get((send.room_id, send.who.user_id, send.client_id or ""))

    async def apply(self, transaction: Transaction) -> MessageAnswer:
        if self._access is None:
            raise NotFound
        self._access.require(Action.ROOM_VIEW)
        repeated = await self._repeated(transaction)
        self.repeated = repeated is not None
        if repeated is not None:
            return repeated
        self._access.require(Action.MESSAGE_SEND)
        return self._write(transaction)

    async def _repeated(self, transaction: Transaction) -> MessageAnswer | None:
        """What the first send of this `client_id` did."""
        if self.client_id is None:
            return None
        here = transaction.sent_here(self.room_id, self.who.user_id, self.client_id)
        if here is not None:
            return _answer(await message_in(transaction, here.data["message"]["id"]), here)
        if self._before is None:
            return None
        seq, message_id = self._before
        message = await message_in(transaction, message_id)
        return MessageAnswer(message=message, epoch=transaction.epoch, seq=seq)

    def _write(self, transaction: Transaction) -> MessageAnswer:
        message = Message(
            id=transaction.ids.new("msg"),
            room_id=self.room_id,
            seq=transaction.head(self.room_id) + 1,
            author=actor_of(self.who),
            text=self._text,
            created_at=transaction.now,
            revision=0,
            reactions=[],
        )
        draft = Draft("message.new", message.author, MessageNew(message=message), self.client_id, message.id)
        event = transaction.append(self.room_id, draft)
        transaction.add(
            MessageRow,
            {
                "id": message.id,
                "room_id": message.room_id,
                "seq": message.seq,
                "author_id": message.author.id,
                "text": message.text,
                "words": words_of(message.text),
                "created_at": message.created_at,
                "edited_at": None,
                "deleted_at": None,
                "revision": 0,
            },
        )
        return _answer(message, event)


class _MessageIntention(Intention[Any]):
    def __init__(self, who: Identity, room_id: str, message_id: str) -> None:
        self.who = who
        self.room_id = room_id
        self.message_id = message_id
        self.actor = actor_of(who)

    async def found(self, transaction: Transaction) -> tuple[Access, Message]:
        """Raises NotFound when there is no such message, or none for this person."""
        access = await access_in(transaction, self.who, self.room_id)
        access.require(Action.ROOM_VIEW)
        return access, await message_in(transaction, self.message_id)

    def unchanged(self, transaction: Transaction, message: Message) -> MessageAnswer:
        """The answer when there was nothing to do."""
        return MessageAnswer(message=message, epoch=transaction.epoch, seq=transaction.head(self.room_id))


class Edit(_MessageIntention):
    """Replaces the text; the one before is kept as a revision."""

    def __init__(self, who: Identity, room_id: str, message_id: str, text: str) -> None:
        super().__init__(who, room_id, message_id)
        self._text = text

    async def apply(self, transaction: Transaction) -> MessageAnswer:
        access, message = await self.found(transaction)
        rules.check_editable(message, self.who.user_id)
        access.require(Action.MESSAGE_EDIT_OWN)
        if message.text == self._text:
            return self.unchanged(transaction, message)
        _keep_revision(transaction, message)
        edited = message.model_copy(
            update={"text": self._text, "edited_at": transaction.now, "revision": message.revision + 1}
        )
        await transaction.execute(
            update(MessageRow)
            .where(MessageRow.id == message.id)
            .values(
                text=edited.text,
                words=words_of(edited.text),
                edited_at=edited.edited_at,
                revision=edited.revision,
            )
        )
        draft = Draft("message.updated", self.actor, MessageUpdated(message=edited), subject=message.id)
        return _answer(edited, transaction.append(self.room_id, draft))


class Delete(_MessageIntention):
    """Leaves a tombstone. The text is also taken out of the log's earlier events, so that nobody catches up on it."""

    async def apply(self, transaction: Transaction) -> MessageAnswer:
        access, message = await self.found(transaction)
        access.require(rules.deletion(message, self.who.user_id))
        if message.deleted_at is not None:
            return self.unchanged(transaction, message)
        _keep_revision(transaction, message)
        stone = message.model_copy(update={"text": "", "deleted_at": transaction.now, "reactions": []})
        await transaction.execute(
            update(MessageRow)
            .where(MessageRow.id == message.id)
            .values(text="", words="", deleted_at=transaction.now)
        )
        await transaction.execute(delete(ReactionRow).where(ReactionRow.message_id == message.id))
        await self._redact(transaction)
        draft = Draft("message.deleted", self.actor, MessageDeleted(message=stone), subject=message.id)
        return _answer(stone, transaction.append(self.room_id, draft))

    async def _redact(self, transaction: Transaction) -> None:
        for seq, data in await subjects_of(transaction, self.room_id, self.message_id):
            if "message" not in data:
                continue
            data["message"]["text"] = ""
            await transaction.execute(
                update(RoomEvent)
                .where(RoomEvent.room_id == self.room_id, RoomEvent.seq == seq)
                .values(data=encoded(data))
            )


class React(_MessageIntention):
    """Adds or takes back one emoji of one person; doing it twice is doing it once."""

    def __init__(self, who: Identity, room_id: str, message_id: str, emoji: str, *, present: bool) -> None:
        super().__init__(who, room_id, message_id)
        self._emoji = emoji
        self._wanted = present

    async def apply(self, transaction: Transaction) -> ReactionAnswer:
        access, message = await self.found(transaction)
        access.require(Action.REACTION_ADD)
        if self._wanted:
            rules.check_reactable(message, self._emoji)
        mine = any(
            reaction.emoji == self._emoji and self.who.user_id in reaction.user_ids
            for reaction in message.reactions
        )
        if mine == self._wanted:
            return ReactionAnswer(message_id=message.id, reactions=message.reactions)
        await self._write(transaction)
        return ReactionAnswer(message_id=message.id, reactions=await self._reactions(transaction))

    async def _write(self, transaction: Transaction) -> None:
        key = {"message_id": self.message_id, "emoji": self._emoji, "user_id": self.who.user_id}
        if self._wanted:
            transaction.add(ReactionRow, {**key, "reacted_at": transaction.now})
        else:
            await transaction.execute(
                delete(ReactionRow).where(
                    ReactionRow.message_id == self.message_id,
                    ReactionRow.emoji == self._emoji,
                    ReactionRow.user_id == self.who.user_id,
                )
            )
        kind = "reaction.new" if self._wanted else "reaction.deleted"
        transaction.append(
            self.room_id, Draft(kind, self.actor, ReactionChanged(**key), subject=self.message_id)
        )

    async def _reactions(self, transaction: Transaction) -> list[Reaction]:
        return (await message_in(transaction, self.message_id)).reactions


def _keep_revision(transaction: Transaction, message: Message) -> None:
    transaction.add(
        RevisionRow,
        {
            "message_id": message.id,
            "revision": message.revision,
            "text": message.text,
            "written_at": message.edited_at or message.created_at,
        },
    )


def _answer(message: Message, event: LogEvent) -> MessageAnswer:
    return MessageAnswer(message=message, epoch=event.epoch, seq=event.seq)
