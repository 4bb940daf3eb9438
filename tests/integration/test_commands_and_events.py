"""Every command and every event of the contract, through a real socket: what is answered, and what others see."""

import asyncio
from datetime import datetime

from contract.registry import EVENTS
from tests.integration.people import Person, School, fresh


async def _class(school: School) -> tuple[Person, Person, str]:
    teacher = await school.person(role="instructor", name="Noor Haddad")
    student = await school.person(name="Ada Park")
    return teacher, student, await school.room(teacher, student)


async def test_the_greeting_says_who_one_is_and_what_is_allowed(school: School) -> None:
    student = await school.person(name="Ada Park", picture="https://lms.test/ada.png")
    greeting = student.heard[0]
    assert greeting["type"] == "connection.ok"
    assert greeting["data"]["user"] == {
        "id": student.user,
        "name": "Ada Park",
        "role": "student",
        "picture": "https://lms.test/ada.png",
    }
    assert greeting["data"]["protocol"] == 1
    assert greeting["data"]["max_text"] == 8000
    assert greeting["data"]["max_message_bytes"] == 65536
    assert datetime.fromisoformat(greeting["data"]["expires_at"]) > datetime.fromisoformat(greeting["ts"])


async def test_a_room_that_is_made_starts_its_log_and_is_told_to_its_members(school: School) -> None:
    teacher = await school.person(role="instructor")
    student = await school.person()
    made = await teacher.do(
        "room:create",
        {"kind": "course", "title": "Algebra 1", "key": fresh("key"), "members": [{"user_id": student.user}]},
    )
    room = made["summary"]["room"]
    assert (room["title"], room["kind"], room["visibility"], room["archived"]) == (
        "Algebra 1", "course", "members", False,
    )  # fmt: skip
    assert made["summary"]["me"]["role"] == "owner"

    added = await student.hears("room.added")
    assert added["data"]["summary"]["room"] == room
    assert added["data"]["summary"]["me"]["role"] == "member"

    caught_up = await student.do(
        "sync:since", {"rooms": {room["id"]: {"epoch": made["summary"]["epoch"], "seq": 0}}}
    )
    answer = caught_up["rooms"][room["id"]]
    assert answer["recovered"]
    assert [(event["seq"], event["type"]) for event in answer["events"]] == [
        (1, "room.created"), (2, "member.added"), (3, "member.added"),
    ]  # fmt: skip
    assert answer["events"][0]["data"]["room"] == room
    assert answer["events"][2]["data"]["member"]["user"]["id"] == student.user


async def test_joining_answers_with_the_room_its_newest_messages_and_who_is_here(school: School) -> None:
    teacher, student, room_id = await _class(school)
    await teacher.says(room_id, "Good morning!")
    joined = await student.joins(room_id)
    assert joined["room"]["id"] == room_id
    assert joined["me"]["role"] == "member"
    assert joined["me"]["unread"] == 1
    assert not joined["recovered"]
    assert joined["events"] == []
    assert [message["text"] for message in joined["snapshot"]["messages"]] == ["Good morning!"]
    assert not joined["snapshot"]["has_more"]
    assert {person["user"]["id"]: person["status"] for person in joined["present"]} == {
        teacher.user: "online", student.user: "online",
    }  # fmt: skip
    assert joined["typing"]["repeat_ms"] < joined["typing"]["expire_ms"]
    assert not joined["typing"]["suppressed"]


async def test_joining_with_a_position_answers_with_what_was_missed(school: School) -> None:
    teacher, student, room_id = await _class(school)
    before = await student.joins(room_id)
    await student.do("room:unsubscribe", {"room_id": room_id})
    missed = [(await teacher.says(room_id, text))["seq"] for text in ("one", "two", "three")]
    after = await student.joins(room_id, since={"epoch": before["epoch"], "seq": before["seq"]})
    assert after["recovered"]
    assert "snapshot" not in after
    assert [event["seq"] for event in after["events"]] == missed
    assert after["seq"] == missed[-1]
    assert (await teacher.says(room_id, "four"))["seq"] == after["seq"] + 1
    assert (await student.hears_text("four"))["seq"] == after["seq"] + 1


async def test_a_position_of_another_epoch_is_answered_by_a_snapshot(school: School) -> None:
    _, student, room_id = await _class(school)
    joined = await student.joins(room_id, since={"epoch": "ep_of_another_life", "seq": 1})
    assert not joined["recovered"]
    assert joined["events"] == []
    assert joined["snapshot"]["messages"] == []


async def test_a_position_ahead_of_the_log_is_answered_by_a_snapshot(school: School) -> None:
    _, student, room_id = await _class(school)
    epoch = (await student.joins(room_id))["epoch"]
    joined = await student.joins(room_id, since={"epoch": epoch, "seq": 999})
    assert not joined["recovered"]


async def test_a_room_is_joined_by_the_key_that_the_lms_gave_it(school: School) -> None:
    key = fresh("algebra")
    teacher = await school.person(role="instructor", rooms={key: "instructor"})
    student = await school.person(rooms={key: "student"})
    joined = await teacher.do("room:join", {"key": key})
    assert joined["room"]["key"] == key
    assert joined["me"]["role"] == "owner"
    assert (await student.do("room:join", {"key": key}))["room"]["id"] == joined["room"]["id"]


async def test_membership_follows_the_token(school: School) -> None:
    key = fresh("algebra")
    student = await school.person(rooms={key: "student"})
    room_id = (await student.do("room:join", {"key": key}))["room"]["id"]
    again = await school.person(student.user, rooms={})
    assert (await again.refused("room:join", {"key": key}))["code"] == "not_found"
    await student.hears("room.removed", lambda event: event["data"]["room_id"] == room_id)
    assert (await student.refused("message:history", {"room_id": room_id}))["code"] == "not_found"


async def test_a_token_that_gives_a_room_tells_the_persons_other_connections(school: School) -> None:
    student = await school.person(rooms={})
    key = fresh("algebra")
    await school.person(student.user, rooms={key: "student"})
    await student.hears("room.added", lambda event: event["data"]["summary"]["room"]["key"] == key)


async def test_a_message_comes_to_all_with_the_same_seq_and_the_senders_client_id(school: School) -> None:
    teacher, student, room_id = await _class(school)
    sent = await student.do(
        "message:send", {"room_id": room_id, "client_id": "my-first", "text": "Is **x = 2** right?"}
    )
    seen = [await person.hears("message.new") for person in (teacher, student)]
    assert seen[0] == seen[1]
    assert seen[0]["seq"] == sent["seq"] == sent["message"]["seq"]
    assert seen[0]["epoch"] == sent["epoch"]
    assert seen[0]["client_id"] == "my-first"
    assert seen[0]["actor"] == {"id": student.user, "name": "Ada Park", "role": "student"}
    assert seen[0]["data"]["message"] == sent["message"]
    assert sent["message"]["text"] == "Is **x = 2** right?"
    assert sent["message"]["author"]["id"] == student.user
    assert sent["message"]["reactions"] == []


async def test_a_retry_with_the_same_client_id_says_nothing_twice(school: School) -> None:
    teacher, student, room_id = await _class(school)
    first = await student.says(room_id, "once", "retry-1")
    second = await student.says(room_id, "once", "retry-1")
    other = await teacher.says(room_id, "mine", "retry-1")
    assert (first["seq"], first["message"]["id"]) == (second["seq"], second["message"]["id"])
    assert other["seq"] == first["seq"] + 1
    await teacher.caught_up()
    assert [event["data"]["message"]["text"] for event in teacher.log(room_id)] == ["once", "mine"]


async def test_fifty_sends_at_once_with_one_client_id_make_one_message(school: School) -> None:
    _, student, room_id = await _class(school)
    devices = [await school.person(student.user) for _ in range(5)]
    wish = {"room_id": room_id, "client_id": "double-click", "text": "once"}
    answers = await asyncio.gather(
        *(device.ask("message:send", wish) for device in devices for _ in range(3))
    )
    assert {answer["data"]["seq"] for answer in answers if answer["ok"]} == {answers[0]["data"]["seq"]}
    assert len((await student.do("message:history", {"room_id": room_id}))["items"]) == 1


async def test_an_edit_shows_the_new_text_and_keeps_the_old_one(school: School) -> None:
    teacher, student, room_id = await _class(school)
    message = (await student.says(room_id, "x = 3"))["message"]
    edited = await student.do("message:edit", {"message_id": message["id"], "text": "x = 2"})
    seen = await teacher.hears("message.updated")
    assert seen["data"]["message"] == edited["message"]
    assert seen["seq"] == edited["seq"] == message["seq"] + 1
    assert (edited["message"]["text"], edited["message"]["revision"]) == ("x = 2", 1)
    assert edited["message"]["seq"] == message["seq"]
    assert edited["message"]["edited_at"] >= message["created_at"]
    for reader in (teacher, student):
        kept = await reader.do("message:revisions", {"message_id": message["id"]})
        assert [(one["revision"], one["text"]) for one in kept["items"]] == [(0, "x = 3")]
    assert (await teacher.do("message:get", {"message_id": message["id"]}))["message"] == edited["message"]


async def test_a_deleted_message_leaves_a_tombstone_and_its_text_is_gone_from_the_log(school: School) -> None:
    teacher, student, room_id = await _class(school)
    start = await teacher.joins(room_id)
    message = (await student.says(room_id, "a slip of the tongue"))["message"]
    await teacher.do("reaction:add", {"message_id": message["id"], "emoji": "👍"})
    gone = await teacher.do("message:delete", {"message_id": message["id"]})
    seen = await student.hears("message.deleted")
    assert seen["data"]["message"] == gone["message"]
    assert (gone["message"]["text"], gone["message"]["reactions"]) == ("", [])
    assert gone["message"]["deleted_at"]
    assert (await student.do("message:history", {"room_id": room_id}))["items"] == [gone["message"]]
    late = await student.do(
        "sync:since", {"rooms": {room_id: {"epoch": start["epoch"], "seq": start["seq"]}}}
    )
    assert "slip" not in str(late)
    assert (await student.do("message:search", {"q": "tongue", "room_id": room_id}))["items"] == []


async def test_a_reaction_is_added_once_and_taken_back_once(school: School) -> None:
    teacher, student, room_id = await _class(school)
    message_id = (await teacher.says(room_id, "Well done"))["message"]["id"]
    thumb = {"message_id": message_id, "emoji": "👩🏽‍🏫"}
    for _ in range(2):
        added = await student.do("reaction:add", thumb)
        assert added["reactions"] == [{"emoji": "👩🏽‍🏫", "user_ids": [student.user]}]
    both = await teacher.do("reaction:add", thumb)
    assert both["reactions"] == [{"emoji": "👩🏽‍🏫", "user_ids": [student.user, teacher.user]}]
    seen = await teacher.hears("reaction.new")
    assert seen["data"] == {**thumb, "user_id": student.user}
    for _ in range(2):
        left = await student.do("reaction:remove", thumb)
        assert left["reactions"] == [{"emoji": "👩🏽‍🏫", "user_ids": [teacher.user]}]
    await teacher.hears("reaction.deleted", lambda event: event["data"]["user_id"] == student.user)
    await teacher.caught_up()
    assert teacher.types(room_id).count("reaction.new") == 2
    assert teacher.types(room_id).count("reaction.deleted") == 1


async def test_history_is_paged_in_both_directions_and_around_a_message(school: School) -> None:
    teacher, student, room_id = await _class(school)
    seqs = [(await teacher.says(room_id, f"number {number}"))["seq"] for number in range(10)]

    async def page(**cursor: int) -> list[int]:
        data = await student.do("message:history", {"room_id": room_id, "limit": 4, **cursor})
        assert data["has_more"] == ("next" in data)
        return [message["seq"] for message in data["items"]]

    assert await page() == seqs[6:]
    assert await page(before=seqs[6]) == seqs[2:6]
    assert await page(after=seqs[1]) == seqs[2:6]
    assert seqs[5] in await page(around=seqs[5])
    both = await student.refused("message:history", {"room_id": room_id, "before": 3, "after": 1})
    assert both["code"] == "bad_request"


async def test_search_finds_words_in_one_room_and_in_all_of_ones_own(school: School) -> None:
    teacher, student, room_id = await _class(school)
    other_room = await school.room(teacher, student)
    secret_room = await school.room(teacher)
    word = fresh("quadratic").replace("-", "x")
    for room in (room_id, other_room, secret_room):
        await teacher.says(room, f"The {word} formula")
    everywhere = await student.do("message:search", {"q": f"{word} formula"})
    assert {hit["room_id"] for hit in everywhere["items"]} == {room_id, other_room}
    here = await student.do("message:search", {"q": word, "room_id": room_id})
    assert [hit["room_id"] for hit in here["items"]] == [room_id]
    assert (await student.do("message:search", {"q": f"{word} geometry"}))["items"] == []


async def test_a_room_is_renamed_opened_and_archived_for_everybody_to_see(school: School) -> None:
    teacher, student, room_id = await _class(school)
    changes = {"title": "Algebra 1, autumn", "visibility": "open", "archived": True}
    updated = [
        await teacher.do("room:update", {"room_id": room_id, field: value})
        for field, value in changes.items()
    ]
    await student.hears("room.updated", lambda event: bool(event["data"]["room"]["archived"]))
    seen = [event["data"]["room"] for event in student.log(room_id)]
    assert seen == [answer["summary"]["room"] for answer in updated]
    assert {field: seen[-1][field] for field in changes} == changes
    assert (await student.do("room:get", {"room_id": room_id}))["summary"]["room"]["archived"]


async def test_the_room_list_counts_what_is_unread_and_shows_the_last_message(school: School) -> None:
    teacher, student, room_id = await _class(school)
    await teacher.says(room_id, "one")
    last = await teacher.says(room_id, "two")
    (line,) = (await student.do("room:list", {}))["items"]
    assert line["me"]["unread"] == 2
    assert line["last_message"] == last["message"]
    assert line["seq"] == last["seq"]
    await student.do("read:mark", {"room_id": room_id, "seq": last["seq"]})
    (line,) = (await student.do("room:list", {}))["items"]
    assert line["me"]["unread"] == 0


async def test_an_open_room_is_found_and_entered(school: School) -> None:
    teacher = await school.person(role="instructor")
    room_id = await school.room(teacher, visibility="open")
    student = await school.person()
    found = await student.do("room:list", {"scope": "open", "limit": 200})
    assert room_id in [line["room"]["id"] for line in found["items"]]
    joined = await student.joins(room_id)
    assert joined["me"]["role"] == "member"
    seen = await teacher.hears(
        "member.added", lambda event: event["data"]["member"]["user"]["id"] == student.user
    )
    assert seen["room_id"] == room_id


async def test_members_are_listed_added_promoted_and_removed(school: School) -> None:
    teacher, student, room_id = await _class(school)
    newcomer = await school.person(name="Lin Sato")
    added = await teacher.do("member:add", {"room_id": room_id, "user_id": newcomer.user})
    assert added["member"]["role"] == "member"
    assert added["member"]["user"]["name"] == "Lin Sato"
    seen = await student.hears("member.added", lambda event: event["room_id"] == room_id)
    assert seen["data"]["member"] == added["member"]
    await newcomer.hears("room.added", lambda event: event["data"]["summary"]["room"]["id"] == room_id)

    promoted = await teacher.do(
        "member:update", {"room_id": room_id, "user_id": newcomer.user, "role": "moderator"}
    )
    seen = await student.hears("member.updated")
    assert seen["data"]["member"] == promoted["member"]
    assert promoted["member"]["role"] == "moderator"

    listed = await student.do("member:list", {"room_id": room_id})
    assert {member["user"]["id"]: member["role"] for member in listed["items"]} == {
        teacher.user: "owner", student.user: "member", newcomer.user: "moderator",
    }  # fmt: skip

    assert await teacher.do("member:remove", {"room_id": room_id, "user_id": newcomer.user}) == {}
    seen = await student.hears("member.removed")
    assert seen["data"] == {"user_id": newcomer.user}
    await newcomer.hears("room.removed", lambda event: event["data"]["room_id"] == room_id)


async def test_whoever_leaves_hears_no_more_of_the_room(school: School) -> None:
    teacher, student, room_id = await _class(school)
    tablet = await school.person(student.user)
    await tablet.joins(room_id)
    assert await student.do("room:leave", {"room_id": room_id}) == {}
    for device in (student, tablet):
        assert (await device.hears("room.removed"))["data"] == {"room_id": room_id}
    await teacher.says(room_id, "after they left")
    for device in (student, tablet):
        await device.caught_up()
        assert "message.new" not in device.types(room_id)
    assert (await student.refused("room:join", {"room_id": room_id}))["code"] == "not_found"


async def test_whoever_unsubscribes_stays_a_member_and_hears_nothing(school: School) -> None:
    teacher, student, room_id = await _class(school)
    assert await student.do("room:unsubscribe", {"room_id": room_id}) == {}
    await teacher.says(room_id, "to those who listen")
    await student.caught_up()
    assert "message.new" not in student.types(room_id)
    (line,) = (await student.do("room:list", {}))["items"]
    assert line["me"]["unread"] == 1


async def test_typing_is_told_to_the_others_alone(school: School) -> None:
    teacher, student, room_id = await _class(school)
    tablet = await school.person(student.user)
    await tablet.joins(room_id)
    assert await student.do("typing:start", {"room_id": room_id}) == {}
    seen = await teacher.hears("typing.start")
    assert seen["room_id"] == room_id
    assert seen["data"] == {
        "user": {"id": student.user, "name": seen["data"]["user"]["name"], "role": "student"}
    }
    assert "seq" not in seen
    assert await student.do("typing:stop", {"room_id": room_id}) == {}
    await teacher.hears("typing.stop")
    for device in (student, tablet):
        await device.caught_up()
        assert not {"typing.start", "typing.stop"} & set(device.types())


async def test_typing_stops_by_itself_and_with_the_message(school: School) -> None:
    teacher, student, room_id = await _class(school)
    await student.do("typing:start", {"room_id": room_id})
    await teacher.hears("typing.start")
    await teacher.hears("typing.stop", seconds=15)


async def test_typing_in_a_room_that_was_not_joined_is_refused(school: School) -> None:
    teacher = await school.person(role="instructor")
    student = await school.person()
    room_id = await school.room(teacher, student.user)
    for command in ("typing:start", "typing:stop"):
        assert (await student.refused(command, {"room_id": room_id}))["code"] == "not_joined"


async def test_a_read_marker_moves_forward_only_and_is_private_unless_said_otherwise(school: School) -> None:
    teacher, student, room_id = await _class(school)
    tablet = await school.person(student.user)
    await tablet.joins(room_id)
    seqs = [(await teacher.says(room_id, text))["seq"] for text in ("one", "two", "three")]
    marked = await student.do("read:mark", {"room_id": room_id, "seq": seqs[1]})
    assert marked == {"read_seq": seqs[1], "unread": 1}
    seen = await tablet.hears("message.read")
    assert seen["data"] == {"user_id": student.user, "seq": seqs[1], "unread": 1}
    assert (await student.do("read:mark", {"room_id": room_id, "seq": seqs[0]}))["read_seq"] == seqs[1]
    await teacher.caught_up()
    assert "message.read" not in teacher.types()
    await student.do("read:mark", {"room_id": room_id, "seq": seqs[2], "private": False})
    assert (await teacher.hears("message.read"))["data"] == {"user_id": student.user, "seq": seqs[2]}


async def test_one_person_on_two_devices_is_away_when_both_are_and_leaves_with_the_last(
    school: School,
) -> None:
    teacher, student, room_id = await _class(school)
    tablet = await school.person(student.user)
    await tablet.joins(room_id)

    def changes() -> list[str]:
        return [
            event["data"]["status"]
            for event in teacher.heard
            if event["type"] == "user.presence.changed" and event["data"]["user"]["id"] == student.user
        ]

    assert await student.do("presence:set", {"status": "away"}) == {}
    await tablet.do("presence:set", {"status": "away"})
    away = await teacher.hears("user.presence.changed", lambda event: event["data"]["status"] == "away")
    assert away["room_id"] == room_id
    await tablet.do("presence:set", {"status": "online"})
    await teacher.hears("user.presence.changed", lambda event: changes()[-1:] == ["online"])
    await student.disconnect()
    await tablet.do("presence:set", {"status": "away"})
    await tablet.disconnect()
    await teacher.hears("user.presence.changed", lambda event: event["data"]["status"] == "offline")
    assert changes()[-3:] == ["online", "away", "offline"]
    assert [one["user"]["id"] for one in (await teacher.joins(room_id))["present"]] == [teacher.user]


async def test_catching_up_names_the_rooms_that_may_not_be_seen(school: School) -> None:
    teacher, student, room_id = await _class(school)
    hidden = await school.room(teacher)
    position = {"epoch": "ep_x", "seq": 0}
    answer = await student.do(
        "sync:since", {"rooms": {room_id: position, hidden: position, "room_nowhere": position}}
    )
    assert set(answer["rooms"]) == {room_id}
    assert sorted(answer["refused"]) == sorted([hidden, "room_nowhere"])


async def test_refreshing_a_token_answers_with_its_new_end(school: School) -> None:
    student = await school.person(seconds=600)
    fresh_token = student.server.token(student.user, seconds=7200)
    answer = await student.do("auth:refresh", {"token": fresh_token})
    assert answer["user"]["id"] == student.user
    assert answer["expires_at"] > student.heard[0]["data"]["expires_at"]


async def test_a_direct_room_is_the_same_for_both_and_named_for_the_other(school: School) -> None:
    one = await school.person(name="Ada Park")
    other = await school.person(name="Lin Sato")
    made = [
        (await person.do("room:create", {"kind": "direct", "members": [{"user_id": peer.user}]}))["summary"]
        for person, peer in ((one, other), (other, one))
    ]
    assert made[0]["room"]["id"] == made[1]["room"]["id"]
    assert {person["name"] for person in made[0]["people"]} == {"Ada Park", "Lin Sato"}


async def test_every_event_that_a_class_hears_is_in_the_registry(school: School) -> None:
    teacher, student, room_id = await _class(school)
    await student.says(room_id, "hello")
    await teacher.caught_up()
    assert set(teacher.types()) <= set(EVENTS)
    durable = {name for name, spec in EVENTS.items() if spec.durable}
    assert all(("seq" in event) == (event["type"] in durable) for event in teacher.heard)
    seqs = [event["seq"] for event in teacher.log(room_id)]
    assert seqs == list(range(seqs[0], seqs[0] + len(seqs)))
