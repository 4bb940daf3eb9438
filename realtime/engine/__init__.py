"""Socket.IO over aiohttp: conformant, bounded, fast. Knows nothing of what an application means by a room or a user.

`SocketServer` and `EngineServer` take the places of python-socketio's and python-engineio's `AsyncServer`; `Engine` serves an
`Application` of commands that are answered one after the other.
"""

from realtime.engine.connection import Connection
from realtime.engine.engine import Engine
from realtime.engine.engine_server import EngineServer
from realtime.engine.frame import Frame
from realtime.engine.limits import Limits
from realtime.engine.observer import EngineObserver, SilentObserver
from realtime.engine.ports import Application, EngineSettings, Refused, Reply
from realtime.engine.reasons import CloseReason
from realtime.engine.socket_server import SocketServer

__all__ = [
    "Application",
    "CloseReason",
    "Connection",
    "Engine",
    "EngineObserver",
    "EngineServer",
    "EngineSettings",
    "Frame",
    "Limits",
    "Refused",
    "Reply",
    "SilentObserver",
    "SocketServer",
]
