"""A recorded file comes whole, from the provider's own hosts, and no larger than is allowed; or not at all."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from meetings.after.fetching import Answered, Broken, TooLarge, Unwritable, Wanted, WrongSize, fetched
from meetings.after.folder import RecordingFolder, is_played, safe_type
from meetings.after.source import Hosts, PublicResolver, Refused
from tests.services.file_host import FileHost, dying, endless, says, serving, to

HERE = Hosts(frozenset({"127.0.0.1"}))
FILM = bytes(range(256)) * 4000  # a megabyte


@pytest_asyncio.fixture
async def host() -> AsyncIterator[FileHost]:
    async with serving() as host:
        yield host


@pytest.fixture
def folder(tmp_path: Path) -> RecordingFolder:
    return RecordingFolder(tmp_path / "recordings")


def wanted(url: str, *, bytes: int | None = None, most: int = 1 << 22, token: str | None = None) -> Wanted:
    return Wanted("rec_1", url, token, bytes, most)


async def test_a_file_comes_whole(host: FileHost, folder: RecordingFolder) -> None:
    url = host.put("/a.mp4", FILM)
    part, content_type = await fetched(folder, HERE, wanted(url, bytes=len(FILM), token="t0ken"))
    assert (part.read_bytes(), content_type) == (FILM, "video/mp4")
    assert host.asked("/a.mp4")[0].headers["Authorization"] == "Bearer t0ken"
    assert await folder.keep(part, "rec_1.mp4") == len(FILM)
    assert [file.name for file in folder.folder.iterdir()] == ["rec_1.mp4"]


async def test_one_that_breaks_off_is_taken_up_again(host: FileHost, folder: RecordingFolder) -> None:
    host.answers["/a.mp4"] = dying(FILM, 300_000, times=2)
    part, _ = await fetched(folder, HERE, wanted(f"{host.url}/a.mp4", bytes=len(FILM)))
    assert part.read_bytes() == FILM
    assert len(host.asked("/a.mp4")) == 3


async def test_one_that_always_breaks_off_is_left_for_later(host: FileHost, folder: RecordingFolder) -> None:
    host.answers["/a.mp4"] = dying(FILM, 1000, times=99)
    with pytest.raises(Broken):
        await fetched(folder, HERE, wanted(f"{host.url}/a.mp4", bytes=len(FILM)))
    assert {file.suffix for file in folder.folder.iterdir()} <= {".part", ".tag"}


async def test_a_later_run_takes_up_what_an_earlier_one_left(host: FileHost, folder: RecordingFolder) -> None:
    await folder.make()
    folder.part_of("rec_1").write_bytes(FILM[:70_000])
    folder.tag_of(folder.part_of("rec_1")).write_text('"v1"')
    part, _ = await fetched(folder, HERE, wanted(host.put("/a.mp4", FILM), bytes=len(FILM)))
    assert part.read_bytes() == FILM
    assert [one.headers["Range"] for one in host.asked("/a.mp4")] == ["bytes=70000-"]


async def test_of_another_version_nothing_is_kept(host: FileHost, folder: RecordingFolder) -> None:
    await folder.make()
    folder.part_of("rec_1").write_bytes(b"of an older film")
    folder.tag_of(folder.part_of("rec_1")).write_text('"v0"')
    part, _ = await fetched(folder, HERE, wanted(host.put("/a.mp4", FILM), bytes=len(FILM)))
    assert part.read_bytes() == FILM


@pytest.mark.parametrize("off", [-1, 1])
async def test_a_wrong_size_is_refused(host: FileHost, folder: RecordingFolder, off: int) -> None:
    with pytest.raises(WrongSize):
        await fetched(folder, HERE, wanted(host.put("/a.mp4", FILM), bytes=len(FILM) + off))
    assert list(folder.folder.iterdir()) == []


async def test_nothing_larger_than_allowed_is_kept(host: FileHost, folder: RecordingFolder) -> None:
    with pytest.raises(TooLarge):  # as it says itself
        await fetched(folder, HERE, wanted(host.put("/a.mp4", FILM), most=len(FILM) - 1))
    host.answers["/b.mp4"] = endless()
    with pytest.raises(TooLarge):  # as is seen while it comes
        await fetched(folder, HERE, wanted(f"{host.url}/b.mp4", most=1 << 20))
    with pytest.raises(TooLarge):  # as the provider said
        await fetched(folder, HERE, wanted(f"{host.url}/c.mp4", bytes=1 << 21, most=1 << 20))
    assert host.asked("/c.mp4") == []
    assert list(folder.folder.iterdir()) == []


async def test_a_disk_that_takes_nothing_is_no_fault_of_the_host(
    host: FileHost, folder: RecordingFolder
) -> None:
    folder.folder.parent.mkdir(exist_ok=True)
    folder.folder.write_text("a file where the folder should be")
    with pytest.raises(Unwritable):
        await fetched(folder, HERE, wanted(host.put("/a.mp4", FILM)))
    folder.folder.unlink()
    folder.folder.mkdir()
    folder.part_of("rec_1").symlink_to("/dev/full")
    with pytest.raises(Unwritable):
        await fetched(folder, HERE, wanted(host.put("/a.mp4", FILM)))
    assert len(host.requests) == 1


async def test_a_page_that_says_200_is_not_the_file(host: FileHost, folder: RecordingFolder) -> None:
    host.answers["/a.mp4"] = says(200, b"<html>Sign in</html>", "text/html")
    with pytest.raises(Answered) as refusal:
        await fetched(folder, HERE, wanted(f"{host.url}/a.mp4"))
    assert refusal.value.status == 403
    host.answers["/a.mp4"] = says(410)
    with pytest.raises(Answered):
        await fetched(folder, HERE, wanted(f"{host.url}/a.mp4"))


async def test_a_redirect_is_followed_without_the_token_to_another_origin(
    host: FileHost, folder: RecordingFolder
) -> None:
    async with serving() as other:
        host.answers["/a"] = to("/b")
        host.answers["/b"] = to(other.put("/c.mp4", FILM))
        part, _ = await fetched(folder, HERE, wanted(f"{host.url}/a", token="t0ken"))
        assert part.read_bytes() == FILM
        assert "Authorization" in host.asked("/b")[0].headers
        assert "Authorization" not in other.asked("/c.mp4")[0].headers


@pytest.mark.parametrize(
    "location",
    [
        "https://evil.example/a.mp4",
        "http://localhost:1/a.mp4",
        "http://[::1]:1/a.mp4",
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1.evil.example/a.mp4",
        "http://user@127.0.0.1:1/a.mp4",
        "file:///etc/passwd",
        "ftp://127.0.0.1/a.mp4",
        "//evil.example/a.mp4",
        "http://127.0.0.1:99999/",
        "http://127.0.0.2/",
    ],
)
async def test_a_redirect_to_anywhere_else_is_refused(
    host: FileHost, folder: RecordingFolder, location: str
) -> None:
    host.answers["/a"] = to(location)
    with pytest.raises(Refused) as refusal:
        await fetched(folder, HERE, wanted(f"{host.url}/a", token="t0ken"))
    assert "t0ken" not in refusal.value.message


async def test_redirects_without_end_are_left(host: FileHost, folder: RecordingFolder) -> None:
    host.answers["/a"] = to("/a")
    with pytest.raises(Refused):
        await fetched(folder, HERE, wanted(f"{host.url}/a"))
    assert len(host.asked("/a")) < 10


VENDOR = Hosts(frozenset({"files.vendor.test", ".cdn.vendor.test"}))


@pytest.mark.parametrize(
    "url",
    ["https://files.vendor.test/a?x=%2F", "https://eu.cdn.vendor.test/a", "https://FILES.vendor.test./a"],
)
def test_the_providers_own_hosts_are_asked(url: str) -> None:
    assert VENDOR.check(url).scheme == "https"


@pytest.mark.parametrize(
    "url",
    [
        "http://files.vendor.test/a",
        "https://files.vendor.test:8443/a",
        "https://cdn.vendor.test/a",
        "https://evilcdn.vendor.test/a",
        "https://files.vendor.test.evil.example/a",
        "https://files.vendor.test@evil.example/a",
        "https://evil.example/#files.vendor.test",
        "https://127.0.0.1/a",
        "https://",
        "nonsense",
        "https://[::",
    ],
)
def test_others_are_not(url: str) -> None:
    with pytest.raises(Refused):
        VENDOR.check(url)


def test_a_bare_address_is_refused_even_where_it_is_named() -> None:
    with pytest.raises(Refused):
        Hosts(frozenset({"10.0.0.7"})).check("https://10.0.0.7/a")


async def test_a_name_that_points_into_the_house_is_not_asked() -> None:
    named = PublicResolver(Hosts(frozenset({"files.vendor.test"})))
    answer = [
        {
            "hostname": "files.vendor.test",
            "host": "127.0.0.1",
            "port": 443,
            "family": 2,
            "proto": 0,
            "flags": 0,
        }
    ]

    class Pointing:
        async def resolve(self, *_asked: object) -> object:
            await asyncio.sleep(0)
            return answer

        async def close(self) -> None: ...

    await named.close()
    named._resolver = Pointing()  # type: ignore[assignment]  # a name server of the test's own
    with pytest.raises(OSError):
        await named.resolve("files.vendor.test", 443)
    answer[0]["host"] = "93.184.216.34"
    assert len(await named.resolve("files.vendor.test", 443)) == 1


@pytest.mark.parametrize(
    ("told", "kind", "offered"),
    [
        ("video/mp4", "video", "video/mp4"),
        ("audio/x-m4a; charset=x", "audio", "audio/mp4"),
        (None, "transcript", "text/vtt"),
        ("application/octet-stream", "video", "video/mp4"),
        ("text/html", "video", "application/octet-stream"),
        ("image/svg+xml", "other", "application/octet-stream"),
        ("text/html", "chat", "application/octet-stream"),
    ],
)
def test_what_comes_from_outside_is_offered_as_something_harmless(
    told: str | None, kind: str, offered: str
) -> None:
    assert safe_type(told, kind) == offered
    assert is_played(offered) == offered.startswith(("video/", "audio/"))


async def test_what_is_left_over_goes_and_nothing_else(folder: RecordingFolder) -> None:
    await folder.make()
    old = {
        "rec_1.mp4", "rec_1.part", "rec_2.part", "rec_2.tag", "rec_3.mp4", "notes.txt", "rec_4.part",
    }  # fmt: skip
    for name in old:
        file = folder.folder / name
        file.write_bytes(b"x")
        age = 90_000 if name == "rec_4.part" else 3600
        os.utime(file, (time.time() - age, time.time() - age))
    (folder.folder / "rec_5.mp4").write_bytes(b"just made")
    count = await folder.clean({"rec_1": "ready", "rec_2": "fetching", "rec_4": "fetching"})
    left = {file.name for file in folder.folder.iterdir()}
    assert left == {"rec_1.mp4", "rec_2.part", "rec_2.tag", "notes.txt", "rec_5.mp4"}
    assert count == 3


@pytest.mark.parametrize("path", [None, "", "../secret", "a/b", "..", ".hidden", "gone.mp4", "link.mp4"])
def test_only_files_of_the_folder_are_found(
    folder: RecordingFolder, tmp_path: Path, path: str | None
) -> None:
    folder.folder.mkdir()
    (tmp_path / "secret").write_text("x")
    (folder.folder / "link.mp4").symlink_to(tmp_path / "secret")
    assert folder.find(path) is None
