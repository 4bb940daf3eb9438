"""Messages: sent, edited, deleted, reacted to, read."""

import asyncio

import pytest

from contract.errors import Conflict, Forbidden, NotFound
from contract.messages import HistoryPage, MarkRead, Message, MessagePage, React
from contract.people import RoomRole
from contract.rooms import NewMember, RoomChanges
from realtime.chat.rules import MAX_EMOJI
from realtime.chat.store import PAGE_BYTES
from tests.realtime.school import ADMIN, ANA, BEN, EVE, TEACHER, Node


async def say(node: Node, room_id: str, lines: int) -> list[Message]:
    return [(await node.chat.send(ANA, room_id, f"line {number}", None)).message for number in range(lines)]


def texts(page: MessagePage) -> list[str]:
    return [message.text for message in page.items]


# -------------------------------------------------------------------------------------------------------- history


async def test_a_message_comes_back_as_it_was_sent(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    text = "héllo \t\n  🙂 \u202e مرحبا ' \" \\ %s {} ; -- \x01"
    answer = await node.chat.send(ANA, room_id, text, "c1")
    message = answer.message
    assert (message.text, message.seq, message.revision, message.reactions) == (text, answer.seq, 0, [])
    assert (message.author.id, message.author.name) == ("ana", "Ana")
    assert (await node.chat.get(TEACHER, message.id)).message == message
    assert (await node.chat.history(TEACHER, room_id, HistoryPage())).items == [message]


async def test_the_newest_page_comes_first_and_older_ones_follow(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await say(node, room_id, 7)
    newest = await node.chat.history(ANA, room_id, HistoryPage(limit=3))
    assert (texts(newest), newest.has_more) == (["line 4", "line 5", "line 6"], True)
    older = await node.chat.history(ANA, room_id, HistoryPage(limit=3, before=newest.next))
    assert (texts(older), older.has_more) == (["line 1", "line 2", "line 3"], True)
    oldest = await node.chat.history(ANA, room_id, HistoryPage(limit=3, before=older.next))
    assert (texts(oldest), oldest.has_more, oldest.next) == (["line 0"], False, None)


async def test_a_page_after_a_seq_goes_on_forward(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await say(node, room_id, 5)
    page = await node.chat.history(ANA, room_id, HistoryPage(after=0, limit=2))
    assert (texts(page), page.has_more, page.next) == (["line 0", "line 1"], True, sent[1].seq)
    page = await node.chat.history(ANA, room_id, HistoryPage(after=sent[2].seq, limit=2))
    assert (texts(page), page.has_more, page.next) == (["line 3", "line 4"], False, None)
    assert (await node.chat.history(ANA, room_id, HistoryPage(after=sent[4].seq))).items == []


@pytest.mark.parametrize(
    ("limit", "shown"),
    [
        (1, ["line 3"]),
        (2, ["line 2", "line 3"]),
        (3, ["line 2", "line 3", "line 4"]),
        (4, [f"line {n}" for n in (1, 2, 3, 4)]),
    ],
)
async def test_a_page_around_a_message_holds_it_and_its_neighbours(
    node: Node, limit: int, shown: list[str]
) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await say(node, room_id, 7)
    page = await node.chat.history(ANA, room_id, HistoryPage(around=sent[3].seq, limit=limit))
    assert (texts(page), page.has_more, page.has_newer) == (shown, True, True)
    assert page.next == page.items[0].seq


async def test_a_page_around_either_end_says_so(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await say(node, room_id, 4)
    first = await node.chat.history(ANA, room_id, HistoryPage(around=sent[0].seq, limit=4))
    assert (texts(first), first.has_more, first.has_newer) == (["line 0", "line 1"], False, True)
    last = await node.chat.history(ANA, room_id, HistoryPage(around=sent[3].seq, limit=4))
    assert (texts(last), last.has_more, last.has_newer) == (["line 1", "line 2", "line 3"], True, False)
    beyond = await node.chat.history(ANA, room_id, HistoryPage(around=999, limit=4))
    assert (texts(beyond), beyond.has_newer) == (["line 2", "line 3"], False)


async def test_an_empty_room_has_an_empty_page(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    for page in (HistoryPage(), HistoryPage(before=5), HistoryPage(after=0), HistoryPage(around=3)):
        found = await node.chat.history(ANA, room_id, page)
        assert (found.items, found.has_more, found.next) == ([], False, None)


async def test_a_heavy_page_stops_early_and_the_next_goes_on(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await asyncio.gather(
        *(node.chat.send(ANA, room_id, "\x02" * 8000, f"c{number}") for number in range(14))
    )
    expected = sorted(answer.seq for answer in sent)
    seen: list[int] = []
    before = None
    while True:
        page = await node.chat.history(ANA, room_id, HistoryPage(before=before))
        assert len(page.model_dump_json()) <= PAGE_BYTES
        seen = [message.seq for message in page.items] + seen
        if not page.has_more:
            break
        before = page.next
    assert seen == expected


# ------------------------------------------------------------------------------------------- editing and deleting


async def test_an_edit_keeps_the_text_before(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    first = await node.chat.send(ANA, room_id, "helo", "c1")
    second = await node.chat.edit(ANA, first.message.id, "hello")
    third = await node.chat.edit(ANA, first.message.id, "hello!")
    assert (third.message.text, third.message.revision, third.message.seq) == ("hello!", 2, first.seq)
    assert [second.seq, third.seq] == [first.seq + 1, first.seq + 2]
    assert third.message.edited_at is not None
    kept = (await node.chat.revisions(ANA, first.message.id)).items
    assert [(one.revision, one.text) for one in kept] == [(0, "helo"), (1, "hello")]
    assert kept[0].written_at == first.message.created_at


async def test_an_edit_to_the_same_text_writes_nothing(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await node.chat.send(ANA, room_id, "hello", "c1")
    same = await node.chat.edit(ANA, sent.message.id, "hello")
    assert (same.message.revision, same.seq) == (0, sent.seq)


async def test_only_its_author_edits_a_message(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    sent = await node.chat.send(ANA, room_id, "hello", "c1")
    for who in (BEN, TEACHER, ADMIN):
        with pytest.raises(Forbidden):
            await node.chat.edit(who, sent.message.id, "mine")
    with pytest.raises(NotFound):
        await node.chat.edit(EVE, sent.message.id, "mine")


async def test_its_author_and_the_staff_delete_a_message(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    for who in (ANA, TEACHER, ADMIN):
        sent = await node.chat.send(ANA, room_id, "hello", None)
        with pytest.raises(Forbidden):
            await node.chat.delete(BEN, sent.message.id)
        gone = await node.chat.delete(who, sent.message.id)
        assert gone.message.text == ""
        assert gone.message.deleted_at is not None


async def test_a_deleted_message_is_a_tombstone_for_good(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await node.chat.send(ANA, room_id, "oh no", "c1")
    await node.chat.react(TEACHER, React(message_id=sent.message.id, emoji="👍"))
    gone = await node.chat.delete(ANA, sent.message.id)
    again = await node.chat.delete(ANA, sent.message.id)
    assert again.message == gone.message
    assert again.seq == gone.seq
    assert (await node.chat.get(ANA, sent.message.id)).message == gone.message
    assert gone.message.reactions == []
    assert (await node.chat.history(ANA, room_id, HistoryPage())).items == [gone.message]
    assert (await node.chat.send(ANA, room_id, "oh no", "c1")).message == gone.message
    with pytest.raises(Conflict, match="deleted"):
        await node.chat.edit(ANA, sent.message.id, "back")
    with pytest.raises(Conflict, match="deleted"):
        await node.chat.react(ANA, React(message_id=sent.message.id, emoji="👍"))


async def test_of_two_who_edit_and_delete_at_once_the_log_tells_who_was_last(
    two_nodes: tuple[Node, Node],
) -> None:
    room_id = await two_nodes[0].room(TEACHER, ANA)
    sent = await two_nodes[0].chat.send(ANA, room_id, "first", "c1")
    await asyncio.gather(
        *(two_nodes[number % 2].chat.edit(ANA, sent.message.id, f"edit {number}") for number in range(10)),
        two_nodes[1].chat.delete(TEACHER, sent.message.id),
        return_exceptions=True,
    )
    events = await two_nodes[0].events(room_id)
    assert (await two_nodes[0].chat.get(ANA, sent.message.id)).message.text == ""
    assert events[-1].type == "message.deleted"
    edits = [event for event in events if event.type == "message.updated"]
    assert [event.data["message"]["revision"] for event in edits] == list(range(1, len(edits) + 1))


async def test_who_sees_earlier_texts(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    sent = await node.chat.send(ANA, room_id, "first", "c1")
    await node.chat.edit(ANA, sent.message.id, "second")
    for who in (ANA, TEACHER, ADMIN):
        assert [one.text for one in (await node.chat.revisions(who, sent.message.id)).items] == ["first"]
    with pytest.raises(Forbidden):
        await node.chat.revisions(BEN, sent.message.id)
    await node.chat.delete(ANA, sent.message.id)
    with pytest.raises(Forbidden):
        await node.chat.revisions(ANA, sent.message.id)
    kept = (await node.chat.revisions(TEACHER, sent.message.id)).items
    assert [one.text for one in kept] == ["first", "second"]


# ------------------------------------------------------------------------------------------------------ reactions


async def test_reacting_twice_is_reacting_once(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    sent = await node.chat.send(ANA, room_id, "hello", "c1")
    thumb = React(message_id=sent.message.id, emoji="👍")
    await node.chat.react(ANA, thumb)
    await node.chat.react(BEN, thumb)
    again = await node.chat.react(ANA, thumb)
    assert [(one.emoji, one.user_ids) for one in again.reactions] == [("👍", ["ana", "ben"])]
    await node.chat.unreact(ANA, thumb)
    left = await node.chat.unreact(ANA, thumb)
    assert [(one.emoji, one.user_ids) for one in left.reactions] == [("👍", ["ben"])]
    types = [event.type for event in (await node.events(room_id))[5:]]
    assert types == ["reaction.new", "reaction.new", "reaction.deleted"]


async def test_the_same_reaction_on_two_nodes_at_once_is_one(two_nodes: tuple[Node, Node]) -> None:
    room_id = await two_nodes[0].room(TEACHER, ANA)
    sent = await two_nodes[0].chat.send(ANA, room_id, "hello", "c1")
    thumb = React(message_id=sent.message.id, emoji="👍")
    await asyncio.gather(*(two_nodes[number % 2].chat.react(ANA, thumb) for number in range(10)))
    assert len((await two_nodes[0].events(room_id))[4:]) == 1


async def test_a_message_takes_so_many_different_emoji(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await node.chat.send(ANA, room_id, "hello", "c1")
    for number in range(MAX_EMOJI):
        await node.chat.react(ANA, React(message_id=sent.message.id, emoji=f"e{number}"))
    with pytest.raises(Conflict, match=str(MAX_EMOJI)):
        await node.chat.react(TEACHER, React(message_id=sent.message.id, emoji="one-more"))
    await node.chat.react(TEACHER, React(message_id=sent.message.id, emoji="e0"))


async def test_an_open_room_s_visitor_reads_and_does_not_react(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    await node.rooms.update(TEACHER, room_id, RoomChanges.model_validate({"visibility": "open"}))
    sent = await node.chat.send(ANA, room_id, "hello", "c1")
    assert (await node.chat.get(EVE, sent.message.id)).message == sent.message
    with pytest.raises(Forbidden):
        await node.chat.react(EVE, React(message_id=sent.message.id, emoji="👍"))
    with pytest.raises(Forbidden):
        await node.chat.send(EVE, room_id, "me too", "c1")
    with pytest.raises(Forbidden):
        await node.chat.mark_read(EVE, room_id, MarkRead(seq=1))


# --------------------------------------------------------------------------------------------------- read markers


async def test_a_read_marker_goes_forward_only_and_never_beyond_the_head(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = [await node.chat.send(TEACHER, room_id, f"line {number}", None) for number in range(3)]
    answer = await node.chat.mark_read(ANA, room_id, MarkRead(seq=sent[1].seq))
    assert (answer.read_seq, answer.unread) == (sent[1].seq, 1)
    back = await node.chat.mark_read(ANA, room_id, MarkRead(seq=1))
    assert (back.read_seq, back.unread) == (sent[1].seq, 1)
    beyond = await node.chat.mark_read(ANA, room_id, MarkRead(seq=10**9))
    assert (beyond.read_seq, beyond.unread) == (sent[2].seq, 0)
    await node.chat.send(TEACHER, room_id, "new", None)
    assert (await node.rooms.get(ANA, room_id)).summary.me.unread == 1


async def test_only_messages_of_others_that_are_there_count_as_unread(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    await node.chat.send(ANA, room_id, "mine", "c1")
    kept = await node.chat.send(TEACHER, room_id, "kept", "c2")
    gone = await node.chat.send(TEACHER, room_id, "gone", "c3")
    await node.chat.edit(TEACHER, kept.message.id, "kept, edited")
    await node.chat.react(BEN, React(message_id=kept.message.id, emoji="👍"))
    await node.rooms.add_member(TEACHER, room_id, NewMember(user_id="eve", role=RoomRole.MEMBER))
    await node.chat.delete(TEACHER, gone.message.id)
    assert (await node.rooms.get(ANA, room_id)).summary.me.unread == 1
    assert (await node.rooms.get(TEACHER, room_id)).summary.me.unread == 1
    assert (await node.rooms.get(EVE, room_id)).summary.me.unread == 0


async def test_a_marker_is_told_to_its_owner_and_to_others_only_if_it_is_not_private(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA, BEN)
    sent = await node.chat.send(TEACHER, room_id, "hello", "c1")
    ana, elsewhere, ben = [await node.connect(who) for who in (ANA, ANA, BEN)]
    for client in (ana, ben):
        await client.asks("room:join", {"room_id": room_id})
    await ana.asks("read:mark", {"room_id": room_id, "seq": sent.seq})
    assert (await elsewhere.hears("message.read"))["data"] == {"user_id": "ana", "seq": sent.seq, "unread": 0}
    assert ben.of_type("message.read") == []
    await ana.asks("read:mark", {"room_id": room_id, "seq": sent.seq, "private": False})
    assert (await ben.hears("message.read"))["data"] == {"user_id": "ana", "seq": sent.seq}


async def test_an_admin_who_does_not_belong_has_no_marker(node: Node) -> None:
    room_id = await node.room(TEACHER)
    with pytest.raises(Forbidden):
        await node.chat.mark_read(ADMIN, room_id, MarkRead(seq=1))
