"""Whoever follows the log's events from the start knows what a fresh reader is told, after any history."""

import json
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import DomainError
from contract.events import LogEvent
from contract.messages import HistoryPage, React
from contract.people import RoomRole
from contract.rooms import ListMembers, MemberChanges, NewMember, RoomChanges
from tests.realtime.school import ANA, BEN, EVE, TEACHER, Node

PEOPLE = (TEACHER, ANA, BEN, EVE)
SECRET = "zebra"  # every text holds it, so that none can hide in the log
STEPS = st.tuples(
    st.sampled_from(
        ["send", "send", "send", "edit", "delete", "react", "unreact", "add", "role", "remove", "rename"]
    ),
    st.integers(0, 3),
    st.integers(0, 7),
    st.integers(0, 2),
)


@dataclass
class Folded:
    """What a client makes of the events, and of nothing else."""

    room: Any = None
    members: dict[str, Any] = field(default_factory=dict)
    messages: dict[str, Any] = field(default_factory=dict)

    def take(self, event: LogEvent) -> None:
        data: Any = json.loads(json.dumps(event.data))
        match event.type.split(".")[0], data:
            case "room", {"room": room}:
                self.room = room
            case "member", {"member": member}:
                self.members[member["user"]["id"]] = member
            case "member", {"user_id": user_id}:
                del self.members[user_id]
            case "message", {"message": message}:
                self.messages[message["id"]] = message
            case "reaction", {"message_id": message_id, "emoji": emoji, "user_id": user_id}:
                self._react(self.messages[message_id], emoji, user_id, event.type == "reaction.new")

    def _react(self, message: Any, emoji: str, user_id: str, present: bool) -> None:
        by_emoji = {one["emoji"]: list(one["user_ids"]) for one in message["reactions"]}
        users = by_emoji.setdefault(emoji, [])
        if present:
            users.append(user_id)
        else:
            users.remove(user_id)
        message["reactions"] = [{"emoji": one, "user_ids": ids} for one, ids in by_emoji.items() if ids]


class Lesson:
    """A room, and what a script does in it; what is refused changes nothing."""

    def __init__(self, node: Node, room_id: str) -> None:
        self.node = node
        self.room_id = room_id
        self.messages: list[str] = []
        self.deleted: set[str] = set()
        self.count = 0

    async def do(self, step: tuple[str, int, int, int]) -> None:
        what, who, which, third = step
        self.count += 1
        try:
            await self._do(what, PEOPLE[who], which, third)
        except DomainError:
            return

    async def _do(self, what: str, who: Any, which: int, third: int) -> None:
        chat, rooms = self.node.chat, self.node.rooms
        other = PEOPLE[which % 4].user_id
        message_id = self.messages[which % len(self.messages)] if self.messages else "msg_none"
        role = list(RoomRole)[third]
        match what:
            case "send":
                answer = await chat.send(who, self.room_id, f"{SECRET} {self.count}", f"c{which}")
                self.messages.append(answer.message.id)
            case "edit":
                await chat.edit(who, message_id, f"{SECRET} edited {self.count}")
            case "delete":
                await chat.delete(who, message_id)
                self.deleted.add(message_id)
            case "react" | "unreact":
                wish = React(message_id=message_id, emoji="👍🎉🤔"[third])
                await (chat.react if what == "react" else chat.unreact)(who, wish)
            case "add":
                await rooms.add_member(who, self.room_id, NewMember(user_id=other, role=role))
            case "role":
                await rooms.update_member(who, self.room_id, other, MemberChanges(role=role))
            case "remove":
                await rooms.remove_member(who, self.room_id, other)
            case "rename":
                await rooms.update(who, self.room_id, RoomChanges(title=f"Lesson {third}"))


def sorted_reactions(message: Any) -> Any:
    reactions = [{**one, "user_ids": sorted(one["user_ids"])} for one in message["reactions"]]
    return {**message, "reactions": sorted(reactions, key=lambda one: str(one["emoji"]))}


def dumped(model: Any) -> Any:
    return model.model_dump(mode="json", exclude_none=True)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(STEPS, min_size=5, max_size=40))
async def test_the_folded_log_is_what_a_fresh_reader_is_told(
    node: Node, script: list[tuple[str, int, int, int]]
) -> None:
    lesson = Lesson(node, await node.room(TEACHER, ANA, BEN))
    for step in script:
        await lesson.do(step)
    folded = Folded()
    events = await node.events(lesson.room_id)
    assert [event.seq for event in events] == list(range(1, len(events) + 1))
    for event in events:
        folded.take(event)
    history = (await node.chat.history(TEACHER, lesson.room_id, HistoryPage(limit=100))).items
    fresh = {message.id: sorted_reactions(dumped(message)) for message in history}
    assert {key: sorted_reactions(message) for key, message in folded.messages.items()} == fresh
    members = (await node.rooms.members(TEACHER, lesson.room_id, ListMembers())).items
    assert folded.members == {member.user.id: dumped(member) for member in members}
    assert folded.room == dumped((await node.rooms.get(TEACHER, lesson.room_id)).summary.room)
    check_deleted(events, lesson.deleted, folded)


def check_deleted(events: list[LogEvent], deleted: set[str], folded: Folded) -> None:
    """No text of a deleted message is in the log, nor a reaction on its tombstone."""
    about = [
        event
        for event in events
        if event.type.startswith("message.") and event.data["message"]["id"] in deleted
    ]
    assert SECRET not in json.dumps([event.data for event in about])
    for message_id in deleted:
        assert folded.messages[message_id]["text"] == ""
        assert folded.messages[message_id]["reactions"] == []
