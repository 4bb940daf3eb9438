"""The HTTP door to catching up."""

from collections.abc import Awaitable, Callable, Mapping

from auth.identity import Identity
from contract.connection import CaughtUp, Position
from contract.rest import SyncQuery
from realtime.rest import Handler, RestCall

CatchUp = Callable[[Identity, str, Position], Awaitable[CaughtUp]]
"""What somebody missed in a room since a position; raises NotFound for a room that they may not see."""


def log_routes(catch_up: CatchUp) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def sync(call: RestCall) -> CaughtUp:
        asked = call.query(SyncQuery)
        return await catch_up(call.who, asked.room_id, Position(epoch=asked.epoch, seq=asked.seq))

    return {"sync": sync}
