"""The HTTP door to messages, reactions, read markers and search."""

from collections.abc import Mapping

from contract.errors import Conflict, NotFound
from contract.messages import (
    HistoryPage,
    MarkRead,
    MessageAnswer,
    MessageBody,
    MessagePage,
    PostMessage,
    React,
    ReactionAnswer,
    ReadAnswer,
    RevisionList,
    SearchMessages,
    SearchPage,
)
from realtime.chat.service import ChatService
from realtime.rest import IDEMPOTENCY_KEY, Handler, RestCall


def chat_routes(chat: ChatService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""
    routes = ChatRoutes(chat)
    return {
        "listMessages": routes.list_messages,
        "postMessage": routes.post_message,
        "markRead": routes.mark_read,
        "getMessage": routes.get_message,
        "editMessage": routes.edit_message,
        "deleteMessage": routes.delete_message,
        "listRevisions": routes.list_revisions,
        "addReaction": routes.add_reaction,
        "removeReaction": routes.remove_reaction,
        "search": routes.search,
    }


class ChatRoutes:
    """One method per operation, each one call of the service."""

    def __init__(self, chat: ChatService) -> None:
        self._chat = chat

    async def list_messages(self, call: RestCall) -> MessagePage:
        return await self._chat.history(call.who, call.path["room_id"], call.query(HistoryPage))

    async def post_message(self, call: RestCall) -> MessageAnswer:
        message = call.body(PostMessage)
        client_id = _client_id(message.client_id, call.idempotency_key)
        return await self._chat.send(call.who, call.path["room_id"], message.text, client_id)

    async def mark_read(self, call: RestCall) -> ReadAnswer:
        return await self._chat.mark_read(call.who, call.path["room_id"], call.body(MarkRead))

    async def get_message(self, call: RestCall) -> MessageAnswer:
        return _not_deleted(await self._chat.get(call.who, call.path["message_id"]))

    async def edit_message(self, call: RestCall) -> MessageAnswer:
        return await self._chat.edit(call.who, call.path["message_id"], call.body(MessageBody).text)

    async def delete_message(self, call: RestCall) -> MessageAnswer:
        return await self._chat.delete(call.who, call.path["message_id"])

    async def list_revisions(self, call: RestCall) -> RevisionList:
        _not_deleted(await self._chat.get(call.who, call.path["message_id"]))
        return await self._chat.revisions(call.who, call.path["message_id"])

    async def add_reaction(self, call: RestCall) -> ReactionAnswer:
        return await self._chat.react(call.who, _reaction(call))

    async def remove_reaction(self, call: RestCall) -> ReactionAnswer:
        return await self._chat.unreact(call.who, _reaction(call))

    async def search(self, call: RestCall) -> SearchPage:
        return await self._chat.search(call.who, call.query(SearchMessages))


def _not_deleted(answer: MessageAnswer) -> MessageAnswer:
    """What was deleted is gone from its address (RFC 9110 section 9.3.5); its tombstone stands in the history."""
    if answer.message.deleted_at is not None:
        raise NotFound
    return answer


def _client_id(in_body: str | None, in_header: str | None) -> str | None:
    """One key, wherever it was written; two that differ would make it unclear which retries are the same."""
    if in_body is not None and in_header is not None and in_body != in_header:
        raise Conflict(
            f"{IDEMPOTENCY_KEY} and `client_id` differ.",
            fields={IDEMPOTENCY_KEY: "differs from `client_id` in the body"},
        )
    return in_body or in_header


def _reaction(call: RestCall) -> React:
    return React(message_id=call.path["message_id"], emoji=call.path["emoji"])
