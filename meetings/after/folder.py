"""The folder of recordings: where each file is, and what is left over from fetching that broke off."""

import asyncio
import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

PART: Final = ".part"
"""A file that is being fetched; it takes its name when it is whole."""
TAG: Final = ".tag"
"""Beside it: the version (ETag) that the part is of."""

_SUFFIXES: Mapping[str, str] = {
    "video/mp4": ".mp4",
    "video/webm": ".webm",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/webm": ".weba",
    "audio/ogg": ".ogg",
    "audio/wav": ".wav",
    "text/plain": ".txt",
    "text/vtt": ".vtt",
    "application/json": ".json",
}
"""What is offered as what it is. Everything else is bytes to be saved: a page from outside must never be one of ours."""

UNKNOWN_TYPE: Final = "application/octet-stream"
_ALIASES: Mapping[str, str] = {
    "audio/m4a": "audio/mp4",
    "audio/x-m4a": "audio/mp4",
    "audio/mp3": "audio/mpeg",
    "audio/x-wav": "audio/wav",
    "application/mp4": "video/mp4",
}
_OF_KIND: Mapping[str, str] = {
    "video": "video/mp4",
    "audio": "audio/mp4",
    "transcript": "text/vtt",
    "chat": "text/plain",
}
_PLAYED: Final = ("video/", "audio/")
_STALE_SECONDS: Final = 86400
_FRESH_SECONDS: Final = 600
"""Younger files are left alone: what they belong to may not have been known yet when that was read."""


def safe_type(told: str | None, kind: str) -> str:
    """The content type that a file is offered as: one that is known to be harmless, or bytes to be saved."""
    plain = (told or "").partition(";")[0].strip().lower()
    plain = _ALIASES.get(plain, plain)
    if plain in _SUFFIXES:
        return plain
    return (
        _OF_KIND.get(kind, UNKNOWN_TYPE)
        if plain in {"", UNKNOWN_TYPE, "binary/octet-stream"}
        else UNKNOWN_TYPE
    )


def is_played(content_type: str) -> bool:
    """Whether browsers play it; others are saved."""
    return content_type.startswith(_PLAYED)


def suffix_of(content_type: str) -> str:
    return _SUFFIXES.get(content_type, ".bin")


class RecordingFolder:
    """All methods that touch the disk do so in a thread."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def name_of(self, recording_id: str, content_type: str) -> str:
        """Below the folder. Ids are ours: letters, digits and an underscore."""
        return f"{recording_id}{suffix_of(content_type)}"

    def find(self, path: str | None) -> Path | None:
        """A file that is there."""
        if not path or "/" in path or "\\" in path or path.startswith("."):
            return None
        file = self.folder / path
        return file if file.is_file() and not file.is_symlink() else None

    async def make(self) -> None:
        await asyncio.to_thread(self.folder.mkdir, 0o750, parents=True, exist_ok=True)

    async def remove(self, path: str | None) -> None:
        """It may be gone already."""
        file = self.find(path)
        if file is not None:
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def keep(self, part: Path, name: str) -> int:
        """A part that is whole takes its name, on disk before this returns. Its size."""
        return await asyncio.to_thread(self._keep, part, name)

    def _keep(self, part: Path, name: str) -> int:
        with part.open("rb+") as file:
            os.fsync(file.fileno())
            size = os.fstat(file.fileno()).st_size
        part.rename(self.folder / name)
        self.tag_of(part).unlink(missing_ok=True)
        handle = os.open(self.folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
        return size

    def part_of(self, recording_id: str) -> Path:
        return self.folder / f"{recording_id}{PART}"

    def tag_of(self, part: Path) -> Path:
        return part.with_suffix(TAG)

    async def forget_part(self, recording_id: str) -> None:
        """What was fetched of it is worth nothing."""
        part = self.part_of(recording_id)
        for file in (part, self.tag_of(part)):
            await asyncio.to_thread(file.unlink, missing_ok=True)

    async def clean(self, states: Mapping[str, str]) -> int:
        """Deletes what belongs to no recording: parts of those that are not being fetched, or were not for a day, and files of
        those that are neither kept nor being fetched. `states` is what `paths_in_use` told. How many files went.
        """
        return await asyncio.to_thread(self._clean, states)

    def _clean(self, states: Mapping[str, str]) -> int:
        count = 0
        if not self.folder.is_dir():
            return 0
        for file in self.folder.iterdir():
            if not file.name.startswith("rec_") or not file.is_file():
                continue  # not ours
            age = time.time() - file.stat().st_mtime
            state = states.get(file.stem)
            wanted = state == "fetching" and age < _STALE_SECONDS if file.suffix in {PART, TAG} else state
            if not wanted and age > _FRESH_SECONDS:
                file.unlink(missing_ok=True)
                count += 1
        return count
