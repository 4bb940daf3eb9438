"""Getting one file whole, or not at all: streamed, bounded, taken up where it broke off."""

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

import aiohttp
from aiohttp import hdrs

from meetings.after.folder import RecordingFolder
from meetings.after.source import Hosts, opened

_CHUNK: Final = 256 * 1024
_TRIES: Final = 4
"""Of one run: a connection that breaks is taken up again where the host says which version it serves."""

_PAGES: Final = ("text/html", "application/xhtml")


class TooLarge(Exception):
    """It has more bytes than are taken."""


class Answered(Exception):
    """The host answered with something else than the file."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(str(status))


class WrongSize(Exception):
    """It is whole, and not as long as the provider said."""


class Broken(Exception):
    """The way broke off."""


class Unwritable(Exception):
    """The folder takes nothing: it is full, or not ours."""


@dataclass(frozen=True)
class Wanted:
    """What to get, from where, and how much of it at most."""

    recording_id: str
    url: str
    token: str | None
    bytes: int | None
    most: int


async def fetched(folder: RecordingFolder, hosts: Hosts, wanted: Wanted) -> tuple[Path, str]:
    """The part, whole, and the content type that its host told.

    Raises:
        Refused: an address on the way may not be asked.
        TooLarge, Answered, WrongSize, Broken, Unwritable.
    """
    if wanted.bytes is not None and wanted.bytes > wanted.most:
        raise TooLarge
    try:
        await folder.make()
    except OSError as error:
        raise Unwritable from error
    part = folder.part_of(wanted.recording_id)
    content_type = ""
    for attempt in range(1, _TRIES + 1):
        try:
            content_type = await _go_on(folder, hosts, wanted, part)
            break
        except TooLarge:
            await folder.forget_part(wanted.recording_id)
            raise
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            if attempt == _TRIES or not folder.tag_of(part).exists():
                raise Broken from error
    if wanted.bytes is not None and _size(part) != wanted.bytes:
        await folder.forget_part(wanted.recording_id)
        raise WrongSize
    return part, content_type


async def _go_on(folder: RecordingFolder, hosts: Hosts, wanted: Wanted, part: Path) -> str:
    tag_file = folder.tag_of(part)
    tag = tag_file.read_text("ascii") if tag_file.exists() else ""
    have = _size(part) if tag else 0
    headers: dict[str, str] = {hdrs.RANGE: f"bytes={have}-", hdrs.IF_RANGE: tag} if have else {}
    async with opened(hosts, wanted.url, wanted.token, headers) as answer:
        if have and answer.status == 416:
            await folder.forget_part(wanted.recording_id)
            raise Broken
        goes_on = have > 0 and answer.status == 206 and _starts_at(answer) == have
        if not goes_on and answer.status != 200:
            raise Answered(answer.status)
        if not _is_the_file(answer):
            raise Answered(403)
        if not goes_on:
            have = 0
            _note_version(tag_file, answer)
        if answer.content_length is not None and have + answer.content_length > wanted.most:
            raise TooLarge
        await _write(answer, part, have, wanted.most)
        return answer.content_type


async def _write(answer: aiohttp.ClientResponse, part: Path, have: int, most: int) -> None:
    file = await asyncio.to_thread(_opened, part, go_on=have > 0)
    try:
        async for chunk in answer.content.iter_chunked(_CHUNK):
            have += len(chunk)
            if have > most:
                raise TooLarge
            await asyncio.to_thread(_put, file, chunk)
    finally:
        await asyncio.to_thread(file.close)


def _opened(part: Path, *, go_on: bool) -> BinaryIO:
    try:
        return cast("BinaryIO", part.open("ab" if go_on else "wb", buffering=0))
    except OSError as error:
        raise Unwritable from error


def _put(file: BinaryIO, chunk: bytes) -> None:
    """Unbuffered, a file may take less than it is given."""
    left = memoryview(chunk)
    try:
        while left:
            left = left[file.write(left) :]
    except OSError as error:
        raise Unwritable from error


def _note_version(tag_file: Path, answer: aiohttp.ClientResponse) -> None:
    """Only a strong validator says that two parts are of one file (RFC 9110 section 13.1.5)."""
    tag = answer.headers.get(hdrs.ETAG, "")
    if tag.startswith('"') and tag.isascii() and len(tag) <= 200:
        tag_file.write_text(tag, "ascii")
    else:
        tag_file.unlink(missing_ok=True)


def _is_the_file(answer: aiohttp.ClientResponse) -> bool:
    """Hosts that do not let one in like to say so with a page and 200."""
    if answer.headers.get(hdrs.CONTENT_ENCODING, "identity") != "identity":
        return False
    return not answer.content_type.startswith(_PAGES)


def _starts_at(answer: aiohttp.ClientResponse) -> int | None:
    told = answer.headers.get(hdrs.CONTENT_RANGE, "")
    start = told.removeprefix("bytes ").partition("-")[0]
    return int(start) if told.startswith("bytes ") and start.isdecimal() else None


def _size(file: Path) -> int:
    return file.stat().st_size if file.exists() else 0
