"""The HTTP door to meetings."""

from collections.abc import Mapping

from contract.meetings import (
    CancelMeeting,
    ChangePage,
    CreateMeeting,
    ListChanges,
    ListMeetings,
    MeetingChanges,
    MeetingDetail,
    MeetingPage,
    MeetingScope,
    PreviewMeeting,
    ProviderList,
)
from contract.schedule import Preview
from meetings.ending import EndingService
from meetings.service import MeetingService
from realtime.rest import Handler, RestCall


def meeting_routes(meetings: MeetingService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""
    routes = MeetingRoutes(meetings)
    return {
        "listProviders": routes.list_providers,
        "listMeetings": routes.list,
        "previewMeeting": routes.preview,
        "createMeeting": routes.create,
        "getMeeting": routes.get,
        "updateMeeting": routes.update,
        "cancelMeeting": routes.cancel,
        "listMeetingHistory": routes.history,
    }


def ending_routes(ending: EndingService) -> Mapping[str, Handler]:
    """The same for what ends a class."""

    async def end(call: RestCall) -> MeetingDetail:
        return await ending.end(call.who, call.path["meeting_id"])

    return {"endMeeting": end}


class MeetingRoutes:
    """One method per operation, each one call of the service."""

    def __init__(self, meetings: MeetingService) -> None:
        self._meetings = meetings

    async def list_providers(self, call: RestCall) -> ProviderList:
        _ = call.who
        return self._meetings.providers()

    async def list(self, call: RestCall) -> MeetingPage:
        return await self._meetings.list(call.who, call.query(ListMeetings))

    async def preview(self, call: RestCall) -> Preview:
        return await self._meetings.preview(call.who, call.body(PreviewMeeting))

    async def create(self, call: RestCall) -> MeetingDetail:
        return await self._meetings.create(call.who, call.body(CreateMeeting), call.idempotency_key)

    async def get(self, call: RestCall) -> MeetingDetail:
        return await self._meetings.get(call.who, call.path["meeting_id"])

    async def update(self, call: RestCall) -> MeetingDetail:
        meeting_id = call.path["meeting_id"]
        return await self._meetings.update(
            call.who, meeting_id, call.query(MeetingScope), call.body(MeetingChanges)
        )

    async def cancel(self, call: RestCall) -> MeetingDetail:
        return await self._meetings.cancel(call.who, call.path["meeting_id"], call.query(CancelMeeting))

    async def history(self, call: RestCall) -> ChangePage:
        return await self._meetings.history(call.who, call.path["meeting_id"], call.query(ListChanges))
