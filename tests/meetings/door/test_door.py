"""Where the one link leads: for whom, when, and what it says otherwise."""

from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from sqlalchemy import select

from auth.errors import NoCredentials
from contract.after_class import MeetingRecording, RecordingList, RecordingState
from contract.errors import Forbidden, InvalidInput, NotFound, RateLimited, Unauthorized
from contract.meetings import Way
from contract.people import SignInRole
from contract.rooms import ListRooms, Visibility
from contract.schedule import OccurrenceStatus
from contract.specs import Limit
from meetings.door.writes import LEAVING
from meetings.jobs.tables import JobRow
from meetings.provider import ProviderError, Trouble
from meetings.tables import ChangeRow, InvitationRow
from realtime.limits import DEFAULTS, Limiter, Rate, Scope
from realtime.rest import RestCall
from tests.meetings.door.lobby import Lobby, secret_of
from tests.realtime.school import ADMIN, ANA, BEN, EVE, GUEST, TEACHER

BOTH = pytest.mark.parametrize("store_place", ["sqlite", "postgres"], indirect=True)


async def test_members_are_sent_to_the_provider_as_themselves_and_staff_as_hosts(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    lobby.at(8, 50)
    pupil = await lobby.enter(ANA, meeting)
    assert (pupil.way, pupil.title, pupil.room_id) == (Way.REDIRECT, "Algebra", lobby.room_id)
    assert (pupil.url or "").endswith("?as=ana")
    for staff in (TEACHER, ADMIN):
        assert f"?host={staff.user_id}" in ((await lobby.enter(staff, meeting)).url or "")


async def test_too_early_it_says_so_and_when_to_come_back(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    lobby.at(8, 48)
    for who in (ANA, TEACHER):
        told = await lobby.enter(who, meeting)
        assert (told.way, told.message, told.url) == (Way.WAIT, "Not yet: starts in 12 minutes.", None)
        assert told.again_at == datetime(2030, 1, 1, 8, 50, tzinfo=UTC)
        assert told.occurrence is not None
        assert told.occurrence.key == "2030-01-01T09:00"


async def test_strangers_do_not_learn_of_a_meeting(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    for who in (EVE, GUEST):
        for there in (meeting, "meet_nowhere"):
            with pytest.raises(NotFound) as refused:
                await lobby.enter(who, there)
            assert refused.value.message == NotFound().message
    with pytest.raises(NoCredentials):
        await lobby.enter(None, meeting)
    with pytest.raises(NotFound):
        await lobby.enter(ANA, meeting, occurrence="2030-01-01T09:01")


async def test_visitors_of_an_open_room_do_not_come_in(lobby: Lobby) -> None:
    room = await lobby.node.room(TEACHER, visibility=Visibility.OPEN)
    meeting = await lobby.meeting(room_id=room)
    with pytest.raises(Forbidden):
        await lobby.enter(EVE, meeting)


async def test_a_class_of_ours_leads_into_the_call_of_its_room(lobby: Lobby) -> None:
    meeting = await lobby.meeting("builtin")
    lobby.at(9)
    told = await lobby.enter(ANA, meeting)
    assert (told.way, told.room_id, told.url, told.token) == (Way.CALL, lobby.room_id, None, None)


async def test_a_link_that_is_being_made_is_waited_for(lobby: Lobby) -> None:
    meeting = await lobby.meeting(makes=False)
    lobby.at(9)
    told = await lobby.enter(ANA, meeting)
    assert told.way is Way.WAIT
    assert "being made" in told.message
    assert told.again_at is not None
    assert told.again_at - lobby.clock.now() < timedelta(minutes=1)


async def test_a_service_that_is_away_is_waited_for_in_other_words(lobby: Lobby) -> None:
    lobby.vendor.standing = Trouble.RETRY
    lobby.at(8, 59)
    meeting = await lobby.meeting()
    lobby.at(9)
    told = await lobby.enter(ANA, meeting)
    assert told.way is Way.WAIT
    assert "does not answer yet" in told.message


async def test_a_link_that_could_not_be_made_is_told_with_what_happens_now(lobby: Lobby) -> None:
    lobby.vendor.standing = Trouble.REFUSED
    meeting = await lobby.meeting()
    lobby.at(9)
    told = await lobby.enter(ANA, meeting)
    assert (told.way, told.url) == (Way.BROKEN, None)
    assert "this address stays the same" in told.message


@pytest.mark.parametrize(
    ("trouble", "words"), [(Trouble.RETRY, "does not answer"), (Trouble.GONE, "could not be made")]
)
async def test_a_provider_that_fails_at_the_click_fails_nobody_else(
    lobby: Lobby, trouble: Trouble, words: str
) -> None:
    meeting = await lobby.meeting()
    lobby.at(9)

    async def fails(*_: Any) -> str:
        raise ProviderError(trouble, "a secret of the provider's")

    with patch.object(lobby.provider, "join_url", fails):
        told = await lobby.enter(ANA, meeting)
    assert told.way is Way.BROKEN
    assert words in told.message
    assert "secret" not in told.model_dump_json()
    assert (await lobby.enter(ANA, meeting)).way is Way.REDIRECT


async def test_cancelled_over_and_moved(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    lobby.at(11)
    assert (await lobby.enter(ANA, meeting)).way is Way.OVER
    await lobby.becomes(OccurrenceStatus.CANCELLED)
    told = await lobby.enter(ANA, meeting)
    assert (told.way, told.message) == (Way.CANCELLED, "This class was cancelled.")


async def test_afterwards_members_see_the_recording(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    invitation = await lobby.invite(meeting)
    lobby.at(9, 40)
    await lobby.becomes(OccurrenceStatus.ENDED, lobby.clock.now())
    assert (await lobby.enter(ANA, meeting)).way is Way.REDIRECT  # it broke off: they may go on

    async def recordings(who: Any, meeting_id: str) -> RecordingList:
        common: dict[str, Any] = {"meeting_id": meeting_id, "key": "2030-01-01T09:00"}
        return RecordingList(
            items=[
                MeetingRecording(id="r1", kind="chat", state=RecordingState.READY, url="/chat", **common),
                MeetingRecording(id="r2", kind="video", state=RecordingState.FETCHING, **common),
                MeetingRecording(id="r3", kind="video", state=RecordingState.READY, url="/film", **common),
            ]
        )

    with patch.object(lobby.schedule.after.service, "recordings", recordings):
        told = await lobby.enter(ANA, meeting)
        assert (told.way, told.url) == (Way.RECORDING, "/film")
        lobby.at(11)
        guest = await lobby.enter(None, meeting, guest=secret_of(invitation))
    assert (guest.way, guest.url, guest.room_id) == (Way.OVER, None, None)


async def test_of_a_series_the_nearest_class_is_meant_or_the_one_asked_for(lobby: Lobby) -> None:
    meeting = await lobby.meeting(rule="FREQ=DAILY;COUNT=3")
    lobby.at(8, 55, day=1)
    assert ((await lobby.enter(ANA, meeting)).occurrence or None) is not None
    found = await lobby.enter(ANA, meeting)
    assert (found.way, found.occurrence and found.occurrence.key) == (Way.REDIRECT, "2030-01-02T09:00")
    early = await lobby.enter(ANA, meeting, occurrence="2030-01-03T09:00")
    assert early.way is Way.WAIT
    past = await lobby.enter(ANA, meeting, occurrence="2030-01-01T09:00")
    assert past.way is Way.OVER


# --------------------------------------------------------------------------------------------------------------- guests


async def test_a_guest_comes_by_invitation_under_the_name_they_give(lobby: Lobby) -> None:
    meeting = await lobby.meeting("jitsi")
    invitation = await lobby.invite(meeting, name="The curator")
    lobby.at(9)
    for given, shown in ((None, "The curator"), ("Dr. Who", "Dr. Who")):
        told = await lobby.enter(None, meeting, guest=secret_of(invitation), name=given)
        assert (told.way, told.room_id) == (Way.REDIRECT, None)
        occupant = lobby.prosody.admit(told.url or "", lobby.clock.now())
        assert occupant.user["name"] == shown
        assert occupant.user["id"] == f"guest:{invitation.id}"
        assert not occupant.moderator


@BOTH
async def test_an_invitation_is_for_one_meeting_until_it_ends_or_is_taken_back(lobby: Lobby) -> None:
    meeting, other = await lobby.meeting(), await lobby.meeting()
    invitation = await lobby.invite(meeting, hours=10)
    secret = secret_of(invitation)
    lobby.at(9)
    assert (await lobby.enter(None, meeting, guest=secret)).way is Way.REDIRECT
    refusals = [(other, secret), ("meet_nowhere", secret), (meeting, secret[:-1] + "x"), (meeting, "x")]
    words = set()
    for there, shown in refusals:
        with pytest.raises(Unauthorized) as refused:
            await lobby.enter(None, there, guest=shown)
        words.add(refused.value.message)
    lobby.at(10, 1)
    with pytest.raises(Unauthorized) as refused:
        await lobby.enter(None, meeting, guest=secret)
    words.add(refused.value.message)
    fresh = await lobby.invite(meeting)
    await lobby.revoke(meeting, fresh.id)
    with pytest.raises(Unauthorized) as refused:
        await lobby.enter(None, meeting, guest=secret_of(fresh))
    assert len({*words, refused.value.message}) == 1


async def test_only_hashes_are_kept_and_the_secret_is_told_once(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    invitation = await lobby.invite(meeting)
    secret = secret_of(invitation)
    assert (invitation.url or "").startswith(f"{lobby.link_base}/m/{meeting}#guest=")
    async with lobby.node.database.reading() as connection:
        rows = (await connection.execute(select(*InvitationRow.__table__.columns))).all()
        lines = (await connection.execute(select(ChangeRow.words))).scalars().all()
    assert secret.partition(".")[2] not in str(rows) + str(lines)
    assert any("curator@museum.example was invited" in line for line in lines)
    (listed,) = (await lobby.invitations(meeting)).items
    assert (listed.id, listed.url, listed.revoked) == (invitation.id, None, False)
    await lobby.revoke(meeting, invitation.id)
    await lobby.revoke(meeting, invitation.id)
    assert (await lobby.invitations(meeting)).items[0].revoked


async def test_only_staff_invites(lobby: Lobby) -> None:
    meeting, other = await lobby.meeting(), await lobby.meeting()
    invitation = await lobby.invite(other)
    with pytest.raises(Forbidden):
        await lobby.invite(meeting, who=BEN)
    with pytest.raises(Forbidden):
        await lobby.invitations(meeting, who=BEN)
    for there in (other, "meet_nowhere"):
        with pytest.raises(NotFound):
            await lobby.invite(there, who=EVE)
    with pytest.raises(NotFound):
        await lobby.revoke(meeting, invitation.id)


async def test_a_member_with_an_invitation_stays_themselves_and_a_stranger_becomes_a_guest(
    lobby: Lobby,
) -> None:
    meeting = await lobby.meeting()
    secret = secret_of(await lobby.invite(meeting))
    lobby.at(9)
    assert ((await lobby.enter(ANA, meeting, guest=secret)).url or "").endswith("?as=ana")
    assert "as=guest:inv_" in ((await lobby.enter(EVE, meeting, guest=secret)).url or "")


@BOTH
async def test_a_guest_of_our_own_call_is_somebody_here_with_that_room_alone(lobby: Lobby) -> None:
    meeting = await lobby.meeting("builtin")
    await lobby.node.room(TEACHER, ANA)
    invitation = await lobby.invite(meeting, hours=24)
    lobby.at(8, 55)
    told = await lobby.enter(None, meeting, guest=secret_of(invitation), name="Curator")
    assert (told.way, told.room_id) == (Way.CALL, lobby.room_id)
    assert told.token is not None
    identity = await lobby.sign_in.identify(told.token)
    assert (identity.user_id, identity.name) == (f"guest:{invitation.id}", "Curator")
    assert identity.role is SignInRole.GUEST
    assert timedelta(hours=1) <= identity.expires_at - lobby.clock.now() <= timedelta(hours=3)
    for scope in ("mine", "open"):
        page = await lobby.node.rooms.list(identity, ListRooms(scope=scope))
        assert [one.room.id for one in page.items] == ([lobby.room_id] if scope == "mine" else [])
    again = await lobby.enter(None, meeting, guest=secret_of(invitation), name="Curator")
    assert again.token != told.token
    added = [one for one in await lobby.node.events(lobby.room_id) if one.type == "member.added"]
    assert len([one for one in added if one.data["member"]["user"]["role"] == "guest"]) == 1


@BOTH
@pytest.mark.parametrize("how", ["revoked", "expired"])
async def test_the_guests_place_ends_with_the_invitation(lobby: Lobby, how: str) -> None:
    meeting = await lobby.meeting("builtin")
    invitation = await lobby.invite(meeting, hours=10)
    lobby.at(9)
    told = await lobby.enter(None, meeting, guest=secret_of(invitation))
    identity = await lobby.sign_in.identify(told.token)
    if how == "revoked":
        await lobby.revoke(meeting, invitation.id)
    else:
        lobby.at(10, 1)
        await lobby.schedule.worker.run_due()
        async with lobby.node.database.reading() as connection:
            query = select(JobRow.state).where(JobRow.kind == LEAVING)
            assert (await connection.execute(query)).scalar_one() == "done"
    with pytest.raises(NotFound):
        await lobby.node.rooms.get(identity, lobby.room_id)
    with pytest.raises(Unauthorized):
        await lobby.enter(None, meeting, guest=secret_of(invitation))
    gone = [one for one in await lobby.node.events(lobby.room_id) if one.type == "member.removed"]
    assert [one.data["user_id"] for one in gone] == [f"guest:{invitation.id}"]


async def test_a_name_that_would_turn_the_writing_around_is_refused(lobby: Lobby) -> None:
    meeting = await lobby.meeting("builtin")
    invitation = await lobby.invite(meeting)
    lobby.at(9)
    with pytest.raises(InvalidInput) as refused:
        await lobby.enter(None, meeting, guest=secret_of(invitation), name="Dr. \u202eohW")
    assert [*refused.value.fields] == ["guest_name"]


async def test_a_class_that_staff_ended_stays_ended(lobby: Lobby) -> None:
    meeting = await lobby.meeting("builtin")
    lobby.at(9, 20)
    await lobby.becomes(OccurrenceStatus.LIVE)
    assert (await lobby.enter(ANA, meeting)).way is Way.CALL
    await lobby.schedule.handlers["endMeeting"](
        RestCall("endMeeting", {"meeting_id": meeting}, "192.0.2.1", TEACHER)
    )
    told = await lobby.enter(ANA, meeting)
    assert (told.way, told.message) == (Way.OVER, "This class is over.")


async def test_an_address_that_tries_many_invitations_has_to_wait(lobby: Lobby) -> None:
    meeting = await lobby.meeting()
    rates = {**DEFAULTS, Limit.SIGN_IN: {Scope.ADDRESS: Rate(per_second=1, burst=3)}}
    limiter = Limiter(lobby.clock, lobby.node.metrics, rates)
    with patch.object(lobby.node.classroom.services.limiter, "check", limiter.check):
        for _ in range(3):
            with pytest.raises(Unauthorized):
                await lobby.enter(None, meeting, guest="x")
        with pytest.raises(RateLimited):
            await lobby.enter(None, meeting, guest="x")
        assert (await lobby.enter(ANA, meeting)).way is Way.WAIT
