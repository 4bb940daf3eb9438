"""Logs: one event is one line, and what must not be there is not there, whoever tried."""

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from contract.clock import SystemClock
from contract.people import SignInRole
from server.health import Health
from server.logs import configure_logs, scrub
from tests.server.serving import ask_raw, serving

CANARY = "canary-4711"
ISSUED = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJjYW5hcnktNDcxMSJ9.c2lnbmF0dXJlLWNhbmFyeQ"

Open = Callable[..., io.StringIO]


@pytest.fixture
def open_log() -> Iterator[Open]:
    """Configure logging into a buffer, and put back what was there."""
    root = logging.getLogger()
    before = (list(root.handlers), root.level, logging.raiseExceptions)
    manager = root.manager.loggerDict
    levels = {name: entry.level for name, entry in manager.items() if isinstance(entry, logging.Logger)}

    def open_(style: Any = "json", level: str = "info") -> io.StringIO:
        stream = io.StringIO()
        configure_logs(level, style, stream)
        return stream

    yield open_
    root.handlers[:], _, logging.raiseExceptions = before
    root.setLevel(before[1])
    logging.captureWarnings(False)
    for name, entry in manager.items():
        if isinstance(entry, logging.Logger):
            entry.setLevel(levels.get(name, logging.NOTSET))


def _lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_ids_are_fields_of_their_own(open_log: Open) -> None:
    stream = open_log()
    logging.getLogger("realtime.rooms").info("joined", extra={"room_id": "room_1", "sid": "abc", "count": 3})
    (line,) = _lines(stream)
    assert line.pop("ts").endswith("Z")
    assert line == {
        "level": "info",
        "logger": "realtime.rooms",
        "event": "joined",
        "room_id": "room_1",
        "sid": "abc",
        "count": 3,
    }


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize(
    "hostile", ["a\r\nlevel=error forged", "\x1b[2J\x1b[31mred", "a\u2028b\u2029c\x85d", "\x00\x07\x9b"]
)
def test_nobody_forges_a_line_or_commands_the_terminal(open_log: Open, style: str, hostile: str) -> None:
    stream = open_log(style)
    logging.getLogger("a").warning("said %s", hostile, extra={"room_id": hostile})
    text = stream.getvalue()
    assert text.count("\n") == 1
    assert len(text.splitlines()) == 1
    assert all(character.isprintable() for character in text.rstrip("\n"))


@pytest.mark.parametrize("style", ["json", "text"])
@pytest.mark.parametrize(
    "message",
    [
        f"connect with {ISSUED}",
        f"GET /socket.io/?token={CANARY}&EIO=4",
        f"{{'token': '{CANARY}', 'a': 1}}",
        f'{{"access_token": "{CANARY}"}}',
        f"Authorization: Bearer {CANARY}",
        f"password={CANARY}",
        f"jwt_secret: {CANARY}",
        f"postgresql://homeroom:{CANARY}@db/homeroom",
    ],
)
def test_what_signs_somebody_in_is_taken_out(open_log: Open, style: str, message: str) -> None:
    stream = open_log(style)
    logging.getLogger("a").error(message)
    logging.getLogger("a").error("x", extra={"note": message, "deep": {"list": [message]}})
    assert CANARY not in stream.getvalue()
    assert "eyJ" not in stream.getvalue()


@pytest.mark.parametrize("style", ["json", "text"])
def test_the_words_of_an_exception_stay_out_but_its_place_is_told(open_log: Open, style: str) -> None:
    stream = open_log(style)
    try:
        raise ValueError(f"INSERT INTO messages VALUES ('{CANARY}')")
    except ValueError:
        logging.getLogger("a").exception("append failed")
    text = stream.getvalue()
    assert CANARY not in text
    assert "ValueError at test_logs.py:" in text
    assert text.count("\n") == 1


@pytest.mark.parametrize("style", ["json", "text"])
def test_fields_that_could_hold_what_people_wrote_are_not_shown(open_log: Open, style: str) -> None:
    stream = open_log(style)
    logging.getLogger("a").info(
        "sent", extra={"text": CANARY, "payload": {"x": CANARY}, "wish": {"Text": CANARY}}
    )
    assert CANARY not in stream.getvalue()


class _Secretive:
    def __repr__(self) -> str:
        return CANARY


def test_objects_are_named_by_their_class(open_log: Open) -> None:
    stream = open_log()
    logging.getLogger("a").info("x", extra={"who": _Secretive(), "role": SignInRole.STUDENT})
    (line,) = _lines(stream)
    assert (line["who"], line["role"]) == ("<_Secretive>", "student")


def test_libraries_speak_only_of_trouble(open_log: Open) -> None:
    stream = open_log(level="debug")
    for name in ("engineio.server", "socketio.server", "sqlalchemy.engine", "aiohttp.access", "redis"):
        logging.getLogger(name).info(CANARY)
    logging.getLogger("realtime").debug("ours")
    assert [line["event"] for line in _lines(stream)] == ["ours"]


def test_a_broken_log_call_prints_nothing_of_its_arguments(
    open_log: Open, capsys: pytest.CaptureFixture[str]
) -> None:
    stream = open_log()
    logging.getLogger("a").info("%d", CANARY)
    assert CANARY not in stream.getvalue() + capsys.readouterr().err


def test_what_is_harmless_is_left_as_it_is() -> None:
    assert (
        scrub("room room_01h joined by user_7, 3 tokens refused")
        == "room room_01h joined by user_7, 3 tokens refused"
    )


CALENDAR = "Zb9-_" * 8 + "xyz"
"""As long as the secret of a calendar's address."""


async def test_requests_are_logged_without_their_query(open_log: Open) -> None:
    stream = open_log()
    async with serving(Health({}, SystemClock()), logger="server.access") as client:
        await client.get(
            f"/nothing?token={CANARY}&text={CANARY}", headers={"Authorization": f"Bearer {CANARY}"}
        )
        await ask_raw(client, "/forged%0d%0alevel=error%1b[31m")
        await client.get(f"/api/v1/calendar/{CALENDAR}.ics")
        await client.get("/livez")
    lines = _lines(stream)
    assert CANARY not in stream.getvalue()
    assert [(line["method"], line["status"]) for line in lines] == [("GET", 404)] * 3
    assert CALENDAR not in stream.getvalue()
    assert lines[2]["path"] == "/api/v1/calendar/[redacted].ics"
    assert lines[0]["path"] == "/nothing"
    assert lines[0]["request_id"].startswith("req_")
