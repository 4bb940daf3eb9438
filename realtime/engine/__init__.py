"""Socket.IO over aiohttp, bounded and ordered; knows nothing of rooms, chat or tokens."""

from realtime.engine.connection import Connection
from realtime.engine.engine import Engine
from realtime.engine.frame import Frame
from realtime.engine.ports import (
    Application,
    CloseReason,
    EngineObserver,
    EngineSettings,
    Refused,
    Reply,
    SilentObserver,
)

__all__ = [
    "Application",
    "CloseReason",
    "Connection",
    "Engine",
    "EngineObserver",
    "EngineSettings",
    "Frame",
    "Refused",
    "Reply",
    "SilentObserver",
]
