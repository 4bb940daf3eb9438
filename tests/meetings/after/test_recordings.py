"""From the provider's word to a film in the room: fetched by a job, listed for those who may, kept for as long as is set."""

from collections.abc import AsyncIterator
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import pytest_asyncio
from sqlalchemy import select

from contract.errors import Forbidden, NotFound, Unauthorized
from contract.meetings import Recording
from contract.people import SignInRole
from meetings.after.tables import RecordingRow
from meetings.after.tickets import Tickets
from meetings.provider import ProviderError, RecordedFile, Trouble
from tests.meetings.after.desk import NINE, Desk
from tests.realtime.school import ANA, EVE, TEACHER
from tests.services.file_host import FileHost, says, serving, to

FILM = b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 100
HOUR = timedelta(hours=1)


@pytest_asyncio.fixture
async def host() -> AsyncIterator[FileHost]:
    async with serving() as host:
        yield host


def film(url: str, **more: object) -> dict[str, object]:
    file: dict[str, object] = {
        "external_id": "file-1",
        "kind": "video",
        "url": url,
        "bytes": len(FILM),
        "content_type": "video/mp4",
    }
    return {**file, "token": "t0ken", **more}


async def recorded(desk: Desk, url: str, **more: object) -> str:
    """A class that was recorded, and that there is a file; the meeting."""
    meeting_id = await desk.meeting(recording=Recording.CLOUD)
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("ended", 50))
    await desk.tell(desk.happens("recording_ready", 55, files=[film(url, **more)]))
    return meeting_id


def files(desk: Desk) -> dict[str, bytes]:
    folder = desk.folder
    return {one.name: one.read_bytes() for one in folder.iterdir()} if folder.is_dir() else {}


async def rows(desk: Desk) -> list[tuple[str, str]]:
    async with desk.node.database.reading() as connection:
        found = await connection.execute(select(RecordingRow.state, RecordingRow.source))
        return [(row.state, row.source) for row in found]


async def test_a_recording_comes_into_the_room(desk: Desk, host: FileHost) -> None:
    meeting_id = await recorded(desk, host.put("/a.mp4", FILM))
    (told,) = await desk.log("meeting.recording_ready")
    assert told["title"] == "Algebra"
    assert told["recording"]["state"] == "ready"
    assert told["recording"]["key"] == "2030-01-01T09:00"
    assert "url" not in told["recording"]
    (one,) = (await desk.service.recordings(ANA, meeting_id)).items
    assert (one.kind, one.bytes, one.content_type) == ("video", len(FILM), "video/mp4")
    assert one.url is not None
    assert one.url.startswith(f"/api/v1/recordings/{one.id}/file?ticket=")
    assert files(desk) == {f"{one.id}.mp4": FILM}
    assert await rows(desk) == [("ready", "{}")], "the provider's address and token are not kept"
    with pytest.raises(NotFound):
        await desk.service.recordings(EVE, meeting_id)


async def test_the_same_word_twice_fetches_once(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    await recorded(desk, host.put("/a.mp4", FILM))
    again = film(f"{host.url}/a.mp4", token="another")
    await desk.tell(desk.happens("recording_ready", 56, files=[again]))
    assert len(host.asked("/a.mp4")) == 1
    assert len(await desk.log("meeting.recording_ready")) == 1


async def test_an_address_elsewhere_is_not_asked_and_staff_are_told(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    meeting_id = await recorded(desk, "https://evil.example/a.mp4")
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert (one.state, one.url) == ("failed", None)
    assert one.problem is not None
    assert "evil.example" in one.problem
    (seen,) = (await desk.service.recordings(ANA, meeting_id)).items
    assert seen.problem is None
    assert [state for state, *_ in await desk.jobs("recording")] == ["dead"]
    host.answers["/b.mp4"] = to("http://169.254.169.254/")
    await desk.tell(
        desk.happens("recording_ready", 57, files=[film(f"{host.url}/b.mp4", external_id="file-2")])
    )
    assert [one.state for one in (await desk.service.recordings(TEACHER, meeting_id)).items] == ["failed"] * 2
    assert files(desk) == {}


async def test_a_host_that_is_away_is_asked_again(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    host.answers["/a.mp4"] = says(503)
    meeting_id = await recorded(desk, f"{host.url}/a.mp4")
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert one.state == "fetching"
    del host.answers["/a.mp4"]
    host.put("/a.mp4", FILM)
    await desk.at(NINE + HOUR * 2)
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert one.state == "ready"


async def test_what_never_has_the_right_size_fails_in_the_end(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    meeting_id = await recorded(desk, host.put("/a.mp4", FILM), bytes=len(FILM) + 1)
    for hours in range(2, 16):
        await desk.at(NINE + HOUR * hours)
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert one.state == "failed"
    assert one.problem is not None
    assert "as long as" in one.problem
    assert files(desk) == {}


async def test_an_address_that_ran_out_is_asked_for_anew(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    host.answers["/old.mp4"] = says(410)
    fresh = RecordedFile("file-1", "video", host.put("/new.mp4", FILM), "new", len(FILM), "video/mp4")
    desk.provider.files["s1"] = [fresh]
    meeting_id = await recorded(desk, f"{host.url}/old.mp4")
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert one.state == "ready"
    assert host.asked("/new.mp4")[0].headers["Authorization"] == "Bearer new"


async def test_recordings_that_nobody_tells_of_are_looked_for(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    desk.provider.files["s1"] = ProviderError(Trouble.RETRY, "It is too busy.")
    meeting_id = await desk.meeting(recording=Recording.CLOUD)
    await desk.at(NINE + HOUR)
    await desk.tell(desk.happens("started", 0), desk.happens("ended", 50))
    await desk.at(NINE + HOUR * 2)
    desk.provider.files["s1"] = []
    await desk.at(NINE + HOUR * 3)
    desk.provider.files["s1"] = [
        RecordedFile(
            "file-1", "video", host.put("/a.mp4", FILM), None, len(FILM), starts_at=NINE, ends_at=NINE + HOUR
        )
    ]
    await desk.at(NINE + HOUR * 6)
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert (one.state, one.seconds) == ("ready", 3600)


async def test_a_file_that_was_here_when_the_server_died_is_not_fetched_again(
    light_desk: Desk, host: FileHost
) -> None:
    desk = light_desk
    host.answers["/a.mp4"] = says(503)
    meeting_id = await recorded(desk, f"{host.url}/a.mp4")
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    desk.folder.mkdir(exist_ok=True)
    (desk.folder / f"{one.id}.mp4").write_bytes(FILM)
    before = len(host.requests)
    await desk.at(NINE + HOUR * 2)
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert (one.state, one.bytes) == ("ready", len(FILM))
    assert len(host.requests) == before


async def test_staff_delete_a_recording_for_good(light_desk: Desk, host: FileHost) -> None:
    desk = light_desk
    meeting_id = await recorded(desk, host.put("/a.mp4", FILM))
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    with pytest.raises(Forbidden):
        await desk.service.delete_recording(ANA, meeting_id, one.id)
    with pytest.raises(NotFound):
        await desk.service.delete_recording(EVE, meeting_id, one.id)
    with pytest.raises(NotFound):
        await desk.service.delete_recording(TEACHER, meeting_id, "rec_nowhere")
    await desk.service.delete_recording(TEACHER, meeting_id, one.id)
    assert files(desk) == {}
    await desk.tell(desk.happens("recording_ready", 59, files=[film(f"{host.url}/a.mp4")]))
    assert (await desk.service.recordings(TEACHER, meeting_id)).items == []
    assert len(host.asked("/a.mp4")) == 1
    with pytest.raises(NotFound):
        await desk.service.delete_recording(TEACHER, meeting_id, one.id)


async def test_what_was_kept_for_long_enough_goes(desk: Desk, host: FileHost) -> None:
    meeting_id = await recorded(desk, host.put("/a.mp4", FILM))
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert one.keep_until == desk.clock.now() + timedelta(days=180)
    await desk.day(NINE + timedelta(days=179))
    assert len(files(desk)) == 1
    await desk.day(NINE + timedelta(days=182))
    assert files(desk) == {}
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert (one.state, one.url) == ("expired", None)


async def test_a_ticket_is_for_one_recording_and_one_hour(light_desk: Desk) -> None:
    desk = light_desk
    tickets = Tickets(desk.node.database, desk.node.writer, desk.clock)
    others = Tickets(desk.node.database, desk.node.writer, desk.clock)
    ticket = parse_qs(urlsplit(await tickets.url("rec_1", ANA)).query)["ticket"][0]
    told = await others.check("rec_1", ticket)  # as another node with the same database
    assert (told.user_id, told.role) == ("ana", SignInRole.STUDENT)
    body, _, signature = ticket.partition(".")
    wrong = [
        "",
        ".",
        body,
        f"{body}.",
        f"{body}.{signature[:-2]}xx",
        f"x{body}.{signature}",
        "ü.ü",
        "x" * 5000,
    ]
    for one in wrong:
        with pytest.raises(Unauthorized):
            await tickets.check("rec_1", one)
    with pytest.raises(Unauthorized):
        await tickets.check("rec_2", ticket)
    desk.clock.move(3601)
    with pytest.raises(Unauthorized):
        await tickets.check("rec_1", ticket)


async def test_figures_that_are_none_are_not_kept(desk: Desk, host: FileHost) -> None:
    meeting_id = await recorded(
        desk, host.put("/a.mp4", FILM), bytes=2**70, kind="film", content_type="x\u0000y"
    )
    (one,) = (await desk.service.recordings(TEACHER, meeting_id)).items
    assert (one.state, one.bytes, one.kind) == ("ready", len(FILM), "other")
