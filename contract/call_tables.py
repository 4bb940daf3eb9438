"""Commands, events and REST operations of calls; part of the registry."""

from contract import attendance, calls, ice
from contract.rooms import Nothing
from contract.specs import CommandSpec, EventSpec, Limit, RestSpec, TextFile

CALL_COMMANDS = (
    CommandSpec(
        "call:get",
        calls.RoomCallRef,
        calls.ActiveCall,
        Limit.READ,
        "Whether a room has a call just now.",
        "room.view",
    ),
    CommandSpec(
        "call:join",
        calls.JoinCall,
        calls.JoinedCall,
        Limit.CALL,
        "Take a seat in the room's call, starting it if need be; or take one's seat again after a drop.",
        "call.join",
    ),
    CommandSpec("call:leave", calls.CallRef, Nothing, Limit.CALL, "Give up one's seat."),
    CommandSpec(
        "call:end", calls.CallRef, Nothing, Limit.CALL, "End the call for everybody.", "call.moderate"
    ),
    CommandSpec(
        "call:state",
        calls.CallRef,
        calls.CallState,
        Limit.READ,
        "The snapshot, for whoever has a seat.",
        "call.join",
    ),
    CommandSpec(
        "call:ice",
        ice.IceRequest,
        calls.IceServerList,
        Limit.READ,
        "ICE servers with fresh credentials, for whoever has a seat in the call, or wants to test the connection.",
    ),
    CommandSpec(
        "signal",
        calls.Signal,
        Nothing,
        Limit.SIGNAL,
        "Hand a description or candidate to one peer of one's own call.",
        "call.join",
    ),
    CommandSpec(
        "track:publish",
        calls.PublishTrack,
        calls.TrackAnswer,
        Limit.CALL,
        "Announce a track before it is sent; refused without the right to it.",
        "call.publish",
    ),
    CommandSpec("track:unpublish", calls.TrackRef, Nothing, Limit.CALL, "Take a track back."),
    CommandSpec(
        "track:mute",
        calls.MuteTrack,
        calls.TrackAnswer,
        Limit.CALL,
        "Mute one's own track, or unmute it unless staff has blocked it.",
    ),
    CommandSpec(
        "call:moderate",
        calls.Moderate,
        Nothing,
        Limit.CALL,
        "What staff does to lead a call.",
        "call.moderate",
    ),
    CommandSpec(
        "hand:raise", calls.CallRef, Nothing, Limit.CALL, "Join the queue of raised hands.", "call.join"
    ),
    CommandSpec(
        "hand:lower", calls.CallRef, Nothing, Limit.CALL, "Leave the queue of raised hands.", "call.join"
    ),
    CommandSpec(
        "reaction:send",
        calls.CallReaction,
        Nothing,
        Limit.REACT,
        "Show an emoji to everybody in the call.",
        "call.join",
    ),
)

CALL_EVENTS = (
    EventSpec("call.started", calls.CallStarted, True, "A call began in the room."),
    EventSpec("call.ended", calls.CallEnded, True, "The room's call is over."),
    EventSpec(
        "call.screen_started", calls.ScreenShared, True, "Somebody began to share a screen in the call."
    ),
    EventSpec(
        "call.screen_stopped", calls.ScreenShared, True, "Somebody stopped sharing a screen in the call."
    ),
    EventSpec("call.updated", calls.CallUpdated, False, "The call's state moved on by one version."),
    EventSpec("call.signal", calls.CallSignal, False, "A description or candidate from another peer."),
    EventSpec("call.reaction", calls.CallReacted, False, "Somebody in the call shows an emoji."),
    EventSpec("call.admitted", calls.CallAdmitted, False, "You may come in from the lobby."),
    EventSpec("call.removed", calls.CallRemoved, False, "Your seat in the call is no longer yours."),
)

CALL_OPERATIONS = (
    RestSpec(
        "listCalls",
        "GET",
        "/api/v1/rooms/{room_id}/calls",
        attendance.CallPage,
        Limit.READ,
        "A room's calls, the newest first.",
        query=attendance.ListCalls,
    ),
    RestSpec(
        "getAttendance",
        "GET",
        "/api/v1/calls/{call_id}/attendance",
        attendance.Attendance,
        Limit.READ,
        "Who was in a call, and when: everybody for staff, for others only themselves.",
    ),
    RestSpec(
        "getAttendanceFile",
        "GET",
        "/api/v1/calls/{call_id}/attendance.csv",
        TextFile,
        Limit.READ,
        "The same as a CSV file, one line for each stay.",
        media_type="text/csv",
    ),
)
