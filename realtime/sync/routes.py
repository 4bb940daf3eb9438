"""The HTTP door to catching up."""

from collections.abc import Mapping

from contract.connection import CaughtUp, Position
from contract.rest import SyncQuery
from realtime.rest import Handler, RestCall
from realtime.sync.service import SyncService


def sync_routes(service: SyncService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def sync(call: RestCall) -> CaughtUp:
        asked = call.query(SyncQuery)
        return await service.catch_up(call.who, asked.room_id, Position(epoch=asked.epoch, seq=asked.seq))

    return {"sync": sync}
