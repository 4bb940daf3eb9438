"""The socket's door to calls: one handler for each command."""

from collections.abc import Mapping

from contract.calls import (
    ActiveCall,
    CallReaction,
    CallRef,
    IceServerList,
    JoinCall,
    Moderate,
    MuteTrack,
    PublishTrack,
    RoomCallRef,
    Signal,
    TrackAnswer,
    TrackRef,
)
from contract.ice import IceRequest
from contract.rooms import Nothing
from realtime.dispatch import Answered, Handler
from realtime.sessions import Session
from signaling.service import CallService


class CallNamespace:
    """One handler for each command, each one call of the service."""

    def __init__(self, calls: CallService) -> None:
        self._calls = calls

    def handlers(self) -> Mapping[str, Handler]:
        return {
            "call:get": self.get,
            "call:join": self.join,
            "call:leave": self.leave,
            "call:end": self.end,
            "call:state": self.state,
            "call:ice": self.ice,
            "signal": self.signal,
            "track:publish": self.publish,
            "track:unpublish": self.unpublish,
            "track:mute": self.mute,
            "call:moderate": self.moderate,
            "hand:raise": self.raise_hand,
            "hand:lower": self.lower_hand,
            "reaction:send": self.react,
        }

    async def get(self, session: Session, wish: RoomCallRef) -> ActiveCall:
        return await self._calls.get(session, wish.room_id)

    async def join(self, session: Session, wish: JoinCall) -> Answered:
        answer, begin = await self._calls.join(session, wish)
        return Answered(answer, begin)

    async def leave(self, session: Session, wish: CallRef) -> Nothing:
        await self._calls.leave(session, wish.call_id)
        return Nothing()

    async def end(self, session: Session, wish: CallRef) -> Nothing:
        await self._calls.end(session, wish.call_id)
        return Nothing()

    async def state(self, session: Session, wish: CallRef) -> Answered:
        answer, catch_up = await self._calls.state(session, wish.call_id)
        return Answered(answer, catch_up)

    async def ice(self, session: Session, wish: IceRequest) -> IceServerList:
        return await self._calls.ice(session, wish.call_id)

    async def signal(self, session: Session, wish: Signal) -> Nothing:
        await self._calls.signal(session, wish)
        return Nothing()

    async def publish(self, session: Session, wish: PublishTrack) -> TrackAnswer:
        return await self._calls.publish(session, wish)

    async def unpublish(self, session: Session, wish: TrackRef) -> Nothing:
        await self._calls.unpublish(session, wish.call_id, wish.track_id)
        return Nothing()

    async def mute(self, session: Session, wish: MuteTrack) -> TrackAnswer:
        return await self._calls.mute(session, wish)

    async def moderate(self, session: Session, wish: Moderate) -> Nothing:
        await self._calls.moderate(session, wish)
        return Nothing()

    async def raise_hand(self, session: Session, wish: CallRef) -> Nothing:
        await self._calls.raise_hand(session, wish.call_id)
        return Nothing()

    async def lower_hand(self, session: Session, wish: CallRef) -> Nothing:
        await self._calls.lower_hand(session, wish.call_id)
        return Nothing()

    async def react(self, session: Session, wish: CallReaction) -> Nothing:
        await self._calls.react(session, wish)
        return Nothing()
