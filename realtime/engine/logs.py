"""Keeping tokens and payloads out of the logs."""

import logging
import traceback
from pathlib import Path
from typing import Final

logger = logging.getLogger("realtime.engine")

LIBRARY_LOGGERS: Final = (
    "socketio",
    "socketio.server",
    "socketio.client",
    "engineio",
    "engineio.server",
    "engineio.client",
    "aiohttp.websocket",
)


class PlaceOnly(logging.Filter):
    """Leaves of a library's record where it comes from and which kind of exception it carries.

    These libraries put packets, headers and session ids into their messages, formatted beforehand or not, so no part
    of the text can be kept.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[0] if record.exc_info else None
        kind = f": {error.__name__}" if error else ""
        record.msg = f"{record.module}.{record.funcName} line {record.lineno}{kind}"
        record.args = None
        record.exc_info = None
        record.exc_text = None
        record.stack_info = None
        return True


def silence_libraries() -> None:
    """Set the libraries' loggers so that they cannot print what a client sent. Safe to call again."""
    for name in LIBRARY_LOGGERS:
        library = logging.getLogger(name)
        library.setLevel(logging.WARNING)
        if not any(isinstance(existing, PlaceOnly) for existing in library.filters):
            library.addFilter(PlaceOnly())


def trail(error: BaseException) -> str:
    """The exception's class and its innermost calls, without its message: that may hold a payload."""
    calls = [
        f"{Path(call.filename).name}:{call.lineno} {call.name}"
        for call in traceback.extract_tb(error.__traceback__)[-6:]
    ]
    return f"{type(error).__qualname__} at " + " > ".join(calls)
