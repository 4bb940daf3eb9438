"""What Zoom knows after a class: who took part, and what was recorded."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from meetings.provider import Interval, ProviderError, RecordedFile, Trouble
from meetings.providers.zoom.client import Call, Json, ZoomClient, segment
from meetings.providers.zoom.limits import Category

_TOKEN_SECONDS: Final = 86_400
_SETTLING: Final = timedelta(hours=1)
_KINDS: Final = {
    "MP4": ("video", "video/mp4"),
    "M4A": ("audio", "audio/mp4"),
    "CHAT": ("chat", "text/plain"),
    "TRANSCRIPT": ("transcript", "text/vtt"),
    "CC": ("transcript", "text/vtt"),
}


async def attendance(client: ZoomClient, session: str, now: datetime) -> Sequence[Interval]:
    """From the list of past participants; where the plan, the scopes or the list do not have it, from the account's report.

    `session` is the instance's UUID: the meeting's number stands for the last instance alone.
    """
    past = Call("GET", f"/past_meetings/{segment(session)}/participants", Category.MEDIUM)
    people: Sequence[Json]
    try:
        people = await client.all_of(past, "participants")
    except ProviderError as error:
        if error.trouble not in {Trouble.REFUSED, Trouble.SCOPE, Trouble.GONE}:
            raise
        people = await _reported(client, session, error)
    _must_be_counted(people, now)
    return [stay for one in people if (stay := _stay(one)) is not None]


async def _reported(client: ZoomClient, session: str, first: ProviderError) -> Sequence[Json]:
    path = f"/report/meetings/{segment(session)}/participants"
    try:
        return await client.all_of(Call("GET", path, Category.HEAVY), "participants")
    except ProviderError as error:
        raise (error if error.trouble in {Trouble.RETRY, Trouble.QUOTA} else first) from None


def _must_be_counted(people: Sequence[Json], now: datetime) -> None:
    """Zoom tells durations of nought while it is still counting (documented for large meetings)."""
    left = [moment for one in people if (moment := moment_of(one.get("leave_time"))) is not None]
    if people and not any(one.get("duration") for one in people) and max(left, default=now) > now - _SETTLING:
        raise ProviderError(
            Trouble.RETRY, "Zoom has not counted yet who took part.", retry_at=now + timedelta(minutes=5)
        )


def _stay(one: Json) -> Interval | None:
    joined, left = moment_of(one.get("join_time")), moment_of(one.get("leave_time"))
    if joined is None or one.get("status") == "in_waiting_room":
        return None
    seconds = one.get("duration")
    if left is None and isinstance(seconds, int) and seconds > 0:
        left = joined + timedelta(seconds=seconds)
    return Interval(
        name=str(one.get("name") or ""),
        joined_at=joined,
        left_at=left,
        email=str(one.get("user_email") or "") or None,
        external_id=str(one.get("id") or one.get("user_id") or ""),
    )


async def recordings(client: ZoomClient, session: str) -> Sequence[RecordedFile]:
    """Empty: there is no recording."""
    query = {"include_fields": "download_access_token", "ttl": str(_TOKEN_SECONDS)}
    try:
        told = await client.ask(Call("GET", f"/meetings/{segment(session)}/recordings", query=query))
    except ProviderError as error:
        if error.trouble is Trouble.GONE:
            return []
        raise
    token = told.get("download_access_token")
    return files(told, token if isinstance(token, str) else None)


def files(told: Mapping[str, Any], token: str | None) -> Sequence[RecordedFile]:
    """Of an answer or a webhook, those that are ready. Each person's own audio file is left out."""
    listed = told.get("recording_files")
    ready = (
        one
        for one in (listed if isinstance(listed, list) else [])
        if isinstance(one, Mapping)
        and one.get("status", "completed") == "completed"
        and one.get("download_url")
    )
    return [_file(one, token) for one in ready]


def _file(one: Mapping[str, Any], token: str | None) -> RecordedFile:
    kind, content_type = _KINDS.get(str(one.get("file_type") or "").upper(), ("other", None))
    size = one.get("file_size")
    return RecordedFile(
        external_id=str(one.get("id") or one["download_url"]),
        kind=kind,
        url=str(one["download_url"]),
        token=token,
        bytes=int(size) if isinstance(size, int | float) and 0 <= size < 2**53 else None,
        content_type=content_type,
        starts_at=moment_of(one.get("recording_start")),
        ends_at=moment_of(one.get("recording_end")),
    )


def moment_of(value: object) -> datetime | None:
    """An ISO date-time; one without an offset is UTC."""
    if not isinstance(value, str):
        return None
    try:
        found = datetime.fromisoformat(value)
        return found.replace(tzinfo=UTC) if found.tzinfo is None else found.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
