"""What the server writes to standard output: one line for each event, as JSON or for people.

Ids come as fields (`logger.info("room joined", extra={"room_id": …})`). What must never be in a log is kept out here,
whoever tried to write it: tokens, passwords, and the words of exceptions, since a driver's exception repeats what was
to be stored.
"""

import json
import logging
import re
import sys
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Final, Literal, TextIO

from contract.base import instant_text
from realtime.engine.logs import trail

_STANDARD: Final = frozenset(vars(logging.makeLogRecord({}))) | {
    "message",
    "asctime",
    "taskName",
    "color_message",
}

_NEVER: Final = frozenset(
    {"authorization", "auth", "body", "cookie", "data", "password", "payload", "secret", "text", "token"}
)
"""Fields that could hold what people wrote or what signs them in."""

_SECRETS: Final = (
    (re.compile(r"eyJ[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){0,4}"), "[token]"),
    (re.compile(r"(?i)\b(bearer|basic)\s+[^\s\"',;]+"), r"\1 [redacted]"),
    (
        re.compile(
            r"(?i)([\"']?\b\w*(?:token|secret|password|authorization)[\"']?\s*[=:]\s*)[\"']?[^\s\"',;&}]+"
        ),
        r"\1[redacted]",
    ),
    (re.compile(r"([a-z][a-z0-9+.-]*://[^:@/\s]*):[^@\s]*@"), r"\1:[redacted]@"),
)

_QUIET: Final = (
    "aiohttp",
    "aiosqlite",
    "alembic",
    "asyncio",
    "asyncpg",
    "engineio",
    "redis",
    "socketio",
    "sqlalchemy",
)

ACCESS_LOGGER: Final = "server.access"


def configure_logs(level: str, style: Literal["json", "text"], stream: TextIO | None = None) -> None:
    """Send everything that is logged to `stream` (standard output), and nothing anywhere else. May be called again."""
    handler = logging.StreamHandler(stream or sys.stdout)
    handler.setFormatter(JsonLines() if style == "json" else PlainLines())
    root = logging.getLogger()
    for old in list(root.handlers):
        root.removeHandler(old)
    root.addHandler(handler)
    root.setLevel(level.upper())
    logging.captureWarnings(True)
    logging.raiseExceptions = False  # its report of a broken log call would print the call's arguments
    for name in _QUIET:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLevelNamesMapping()[level.upper()]))


def scrub(text: str) -> str:
    """The text without anything that looks like a token, a password or a secret."""
    for pattern, replacement in _SECRETS:
        text = pattern.sub(replacement, text)
    return text


class JsonLines(logging.Formatter):
    """One JSON object on one line, ASCII alone: no line break, no terminal sequence survives."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "ts": instant_text(datetime.fromtimestamp(record.created, UTC)),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": scrub(record.getMessage()),
            **dict(_fields(record)),
        }
        return json.dumps(line, ensure_ascii=True, separators=(",", ":"), default=_by_kind)


class PlainLines(logging.Formatter):
    """For people: time, level, what happened, and the fields behind it."""

    def format(self, record: logging.LogRecord) -> str:
        clock = time.strftime("%H:%M:%S", time.localtime(record.created))
        fields = "".join(f" {name}={_plain(value)}" for name, value in _fields(record) if value is not None)
        return f"{clock} {record.levelname.lower():7} {record.name}: {_plain(scrub(record.getMessage()))}{fields}"


def _fields(record: logging.LogRecord) -> Iterator[tuple[str, object]]:
    for name, value in vars(record).items():
        if name not in _STANDARD and not name.startswith("_"):
            yield name, "[redacted]" if name.lower() in _NEVER else _scrubbed(value)
    if record.exc_info and record.exc_info[1] is not None:
        yield "error", scrub(trail(record.exc_info[1]))


def _scrubbed(value: object) -> object:
    if isinstance(value, str):
        return scrub(value)
    if isinstance(value, Mapping):
        return {
            scrub(str(key)): "[redacted]" if str(key).lower() in _NEVER else _scrubbed(entry)
            for key, entry in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_scrubbed(entry) for entry in value]
    return value if value is None or isinstance(value, bool | int | float) else _by_kind(value)


def _by_kind(value: object) -> str:
    """Objects are named by their class: what they would print is theirs to say, not ours to log."""
    return f"<{type(value).__qualname__}>"


def _plain(value: object) -> str:
    """On one line and without terminal sequences, readable in every script."""
    return "".join(
        character if character.isprintable() else ascii(character)[1:-1] for character in str(value)
    )
