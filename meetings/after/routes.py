"""The HTTP door to what a class left behind."""

from collections.abc import Mapping

from contract.after_class import AttendanceQuery, MeetingAttendance, RecordingList
from contract.rooms import Nothing
from contract.specs import TextFile
from meetings.after.attendance import as_csv
from meetings.after.service import AfterService
from realtime.rest import Handler, RestCall


def after_routes(service: AfterService) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def attendance(call: RestCall) -> MeetingAttendance:
        key = call.query(AttendanceQuery).occurrence
        return await service.attendance(call.who, call.path["meeting_id"], key)

    async def attendance_file(call: RestCall) -> TextFile:
        found = await attendance(call)
        return TextFile(name=f"attendance-{found.meeting_id}.csv", text=as_csv(found))

    async def recordings(call: RestCall) -> RecordingList:
        return await service.recordings(call.who, call.path["meeting_id"])

    async def delete_recording(call: RestCall) -> Nothing:
        return await service.delete_recording(call.who, call.path["meeting_id"], call.path["recording_id"])

    return {
        "getMeetingAttendance": attendance,
        "getMeetingAttendanceFile": attendance_file,
        "listRecordings": recordings,
        "deleteRecording": delete_recording,
    }
