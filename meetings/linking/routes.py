"""The HTTP door to links."""

from collections.abc import Mapping

from contract.meetings import MeetingDetail
from meetings.linking.service import LinkService
from realtime.rest import Handler, RestCall


def link_routes(links: LinkService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def retry_meeting(call: RestCall) -> MeetingDetail:
        return await links.retry(call.who, call.path["meeting_id"])

    return {"retryMeeting": retry_meeting}
