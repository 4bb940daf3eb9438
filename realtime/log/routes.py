"""The HTTP door to catching up."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from contract.connection import CaughtUp, Position
from contract.rest import SyncQuery
from realtime.rest import Handler, RestCall

if TYPE_CHECKING:
    from realtime.log.resume import Resume


def log_routes(resume: "Resume") -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def sync(call: RestCall) -> CaughtUp:
        asked = call.query(SyncQuery)
        return await resume.catch_up(call.who, asked.room_id, Position(epoch=asked.epoch, seq=asked.seq))

    return {"sync": sync}
