"""GET /m/{id}: the address in calendars and mails."""

import json
import logging
from urllib.parse import parse_qs, urlsplit

import pytest

from meetings.provider import Trouble
from tests.meetings.door.lobby import Lobby, secret_of
from tests.realtime.school import ANA, EVE, TEACHER


async def test_a_browser_gets_the_page_whoever_it_is_and_whatever_the_meeting(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    async with lobby.served() as street:
        for path in (f"/m/{meeting}", "/m/meet_nowhere", f"/m/{meeting}?occurrence=2030-01-01T09:00"):
            answer = await street.get(path, browser=True)
            assert (answer.status, "the page" in answer.text) == (200, True)


async def test_a_secret_in_the_query_is_moved_to_where_no_server_sees_it(lobby: Lobby) -> None:
    async with lobby.served() as street:
        answer = await street.get("/m/meet_1?guest=a.b&occurrence=2030-01-01T09:00", browser=True)
        assert answer.to == "/m/meet_1?occurrence=2030-01-01T09%3A00#guest=a.b"


async def test_a_program_with_a_token_is_sent_on_at_once(lobby: Lobby) -> None:
    meeting = await lobby.meeting("jitsi")
    lobby.at(8, 55)
    async with lobby.served() as street:
        for who, staff in ((ANA, False), (TEACHER, True)):
            for browser in (False, True):
                answer = await street.get(f"/m/{meeting}", who, browser=browser)
                occupant = lobby.prosody.admit(answer.to, lobby.clock.now())
                assert (occupant.user["id"], occupant.moderator) == (who.user_id, staff)
        first, again = [(await street.get(f"/m/{meeting}", ANA)).to for _ in range(2)]
        lobby.clock.move(60)
        later = (await street.get(f"/m/{meeting}", ANA)).to
        assert first == again != later
        assert urlsplit(first).path == urlsplit(later).path


async def test_too_early_is_a_problem_that_says_when_to_come_back(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    lobby.at(8, 48)
    async with lobby.served() as street:
        answer = await street.get(f"/m/{meeting}", ANA)
        problem = json.loads(answer.text)
        assert (answer.status, problem["code"]) == (409, "conflict")
        assert "Not yet: starts in 12 minutes." in answer.text
        assert answer.headers["Retry-After"] == "120"
        assert answer.headers["Content-Type"].startswith("application/problem+json")


async def test_strangers_and_people_without_a_token_learn_nothing(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    lobby.at(9)
    async with lobby.served() as street:
        for there in (meeting, "meet_nowhere"):
            assert (await street.get(f"/m/{there}", EVE)).status == 404
            assert (await street.get(f"/m/{there}")).status == 401
            assert (await street.get(f"/m/{there}", Authorization="Bearer nonsense")).status == 401
            refused = await street.get(f"/m/{there}?guest=inv_1.{'x' * 43}")
            assert (refused.status, json.loads(refused.text)["code"]) == (401, "unauthorized")
        assert (await street.get(f"/m/{'x' * 100}", ANA)).status == 404
        assert (await street.get(f"/m/{meeting}?occurrence=tomorrow", ANA)).status == 400


async def test_a_guest_may_show_the_secret_in_a_header(lobby: Lobby) -> None:
    meeting, here = await lobby.meeting("jitsi"), await lobby.meeting("builtin")
    secret, other = secret_of(await lobby.invite(meeting)), secret_of(await lobby.invite(here))
    lobby.at(9)
    async with lobby.served() as street:
        for answer in (
            await street.get(f"/m/{meeting}", X_Invitation=secret),
            await street.get(f"/m/{meeting}?guest={secret}&name=Dr.%20Who"),
        ):
            assert lobby.prosody.admit(answer.to, lobby.clock.now()).user["id"].startswith("guest:inv_")
        into_call = urlsplit((await street.get(f"/m/{here}", X_Invitation=other)).to)
        assert into_call.path == f"/rooms/{lobby.room_id}"
        fragment = parse_qs(into_call.fragment)
        assert fragment["room"] == [lobby.room_id]
        assert (await lobby.sign_in.identify(fragment["token"][0])).user_id.startswith("guest:")
        assert (await street.get(f"/m/{here}", ANA)).to == f"/rooms/{lobby.room_id}"


async def test_what_is_broken_or_over_is_told_in_words(lobby: Lobby) -> None:
    lobby.vendor.standing = Trouble.REFUSED
    meeting = await lobby.meeting()
    async with lobby.served() as street:
        lobby.at(9)
        broken = await street.get(f"/m/{meeting}", ANA)
        assert (broken.status, "this address stays the same" in broken.text) == (409, True)
        lobby.at(11)
        over = await street.get(f"/m/{meeting}", ANA)
        assert (over.status, "This class is over." in over.text) == (409, True)
        assert "Retry-After" not in over.headers


async def test_neither_secrets_nor_tokens_nor_addresses_reach_the_logs(
    lobby: Lobby, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    meeting = await lobby.meeting("jitsi")
    invitation = await lobby.invite(meeting)
    secret = secret_of(invitation)
    lobby.at(9)
    async with lobby.served() as street:
        told = [
            (await street.get(f"/m/{meeting}", ANA)).to,
            (await street.get(f"/m/{meeting}?guest={secret}")).to,
            (await street.get(f"/m/{meeting}", X_Invitation=secret)).to,
            (await street.get(f"/m/{meeting}?guest={secret}", browser=True)).to,
        ]
        await lobby.revoke(meeting, invitation.id)
        assert (await street.get(f"/m/{meeting}?guest={secret}")).status == 401
    logged = " ".join(str(vars(record)) for record in caplog.records)
    assert f"/m/{meeting}" in logged
    for hidden in [secret, secret.partition(".")[2], *[one.partition("jwt=")[2] for one in told[:3]]]:
        assert hidden
        assert hidden not in logged
