"""The HTTP door to calls that were."""

from collections.abc import Mapping

from contract.attendance import Attendance, CallPage, ListCalls
from contract.specs import TextFile
from realtime.rest import Handler, RestCall
from signaling.attendance import as_csv
from signaling.history import CallHistory


def call_routes(history: CallHistory) -> Mapping[str, Handler]:
    """Handlers by operation, for RestDoor."""

    async def list_calls(call: RestCall) -> CallPage:
        return await history.list(call.who, call.path["room_id"], call.query(ListCalls))

    async def attendance(call: RestCall) -> Attendance:
        return await history.attendance(call.who, call.path["call_id"])

    async def attendance_file(call: RestCall) -> TextFile:
        found = await history.attendance(call.who, call.path["call_id"])
        return TextFile(name=f"attendance-{found.call.id}.csv", text=as_csv(found))

    return {"listCalls": list_calls, "getAttendance": attendance, "getAttendanceFile": attendance_file}
