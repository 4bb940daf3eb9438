"""One example of everything on the wire that is about calls."""

from datetime import UTC, datetime, timedelta

from contract import attendance, calls, ice, people
from contract.base import WireModel

CALL_ID = "call_01k7zqa1b2c3d4e5f6g7h8j9km"
PEER_ID = "peer_01k7zqb1c2d3e4f5g6h7j8k9mn"
OTHER_ID = "peer_01k7zqb9d8e7f6g5h4j3k2m1np"
SESSION = "ps_01k7zqb1c2d3e4f5g6h7j8k9mp"
OTHER_SESSION = "ps_01k7zqb9d8e7f6g5h4j3k2m1nq"
TRACK_ID = "track_01k7zqc1d2e3f4g5h6j7k8m9np"
SECRET = "kept-by-this-client-alone"  # an example
ROOM_ID = "room_01k7zq5w3m8s4d6f9g2h5j7k9n"
NOW = datetime(2026, 9, 14, 9, 0, 0, 500000, tzinfo=UTC)

_ADA = people.Actor(id="u-42", name="Ada Park", role=people.SignInRole.STUDENT)
_NOOR = people.Actor(id="t-7", name="Noor Haddad", role=people.SignInRole.INSTRUCTOR)
_CALL = calls.Call(
    id=CALL_ID,
    room_id=ROOM_ID,
    started_at=NOW,
    started_by=_NOOR,
    policy=calls.Policy(screen=calls.WhoMay.STAFF),
)
_TRACK = calls.Track(
    id=TRACK_ID, source=calls.Source.CAMERA, muted=False, stream_id="9c1f0d52-0d0e-4a3c-8d51-2f6f0a8f5b1e"
)


def _peer(peer_id: str, session: str, user: people.Actor, *, staff: bool) -> calls.Peer:
    return calls.Peer(
        id=peer_id,
        session=session,
        user=user,
        staff=staff,
        seat=calls.Seat.IN,
        connected=True,
        tracks=[_TRACK] if staff else [],
        rights=calls.Rights(microphone=True, camera=True, screen=staff),
        blocked=[],
        floor=False,
        hand_raised_at=None if staff else NOW + timedelta(minutes=5),
        joined_at=NOW,
        offers_only=False,
    )


_STATE = calls.CallState(
    call=_CALL,
    version=7,
    peers=[_peer(PEER_ID, SESSION, _NOOR, staff=True), _peer(OTHER_ID, OTHER_SESSION, _ADA, staff=False)],
    hands=[OTHER_ID],
)
_ICE = calls.IceServer(
    urls=["turn:turn.school.example:3478?transport=udp", "turns:turn.school.example:443?transport=tcp"],
    username="1789392600:u-42",
    credential="c2lnbmVkLXdpdGgtdGhlLXNlY3JldA==",
    expires_at=NOW + timedelta(hours=4),
)
_DESCRIPTION = calls.Description(
    type="offer", sdp="v=0\r\no=- 46117317 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n"
)
_INTERVAL = attendance.Interval(
    joined_at=NOW, left_at=NOW + timedelta(minutes=45), reason=calls.LeaveReason.LEFT
)


def call_examples() -> list[WireModel]:
    """Payloads, answers and event data."""
    return [*_asked(), *_answered(), *_told()]


def _asked() -> list[WireModel]:
    return [
        calls.RoomCallRef(room_id=ROOM_ID),
        calls.JoinCall(room_id=ROOM_ID),
        calls.CallRef(call_id=CALL_ID),
        ice.IceRequest(call_id=CALL_ID),
        calls.Signal(call_id=CALL_ID, to=OTHER_ID, to_session=OTHER_SESSION, seq=1, description=_DESCRIPTION),
        calls.PublishTrack(call_id=CALL_ID, source=calls.Source.CAMERA, stream_id=_TRACK.stream_id),
        calls.TrackRef(call_id=CALL_ID, track_id=TRACK_ID),
        calls.MuteTrack(call_id=CALL_ID, track_id=TRACK_ID, muted=True),
        calls.Moderate(
            call_id=CALL_ID,
            action=calls.Moderation.MUTE,
            peer_id=OTHER_ID,
            source=calls.Source.MICROPHONE,
        ),
        calls.CallReaction(call_id=CALL_ID, emoji="👏"),
        attendance.ListCalls(limit=20),
    ]


def _answered() -> list[WireModel]:
    return [
        calls.ActiveCall(call=_CALL, people=2),
        calls.JoinedCall(
            call_id=CALL_ID,
            peer_id=OTHER_ID,
            session=OTHER_SESSION,
            secret=SECRET,
            seat=calls.Seat.IN,
            state=_STATE,
            ice_servers=[_ICE],
            grace_ms=10_000,
        ),
        _STATE,
        calls.IceServerList(ice_servers=[_ICE]),
        calls.TrackAnswer(track=_TRACK),
        attendance.CallPage(
            items=[attendance.PastCall(call=_CALL, ended_at=NOW + timedelta(minutes=45), people=2)],
            has_more=False,
        ),
        attendance.Attendance(
            call=_CALL,
            ended_at=NOW + timedelta(minutes=45),
            attendees=[attendance.Attendee(user=_ADA, intervals=[_INTERVAL], seconds=2700)],
        ),
    ]


def _told() -> list[WireModel]:
    return [
        calls.CallStarted(call=_CALL),
        calls.CallEnded(call_id=CALL_ID, started_at=NOW, ended_at=NOW + timedelta(minutes=45), people=2),
        calls.ScreenShared(call_id=CALL_ID, user_id="t-7"),
        calls.CallUpdated(
            call_id=CALL_ID,
            since=6,
            version=7,
            peers=[_peer(OTHER_ID, OTHER_SESSION, _ADA, staff=False)],
            gone=[],
            hands=[OTHER_ID],
        ),
        calls.CallSignal(
            call_id=CALL_ID, from_peer=PEER_ID, from_session=SESSION, seq=1, description=_DESCRIPTION
        ),
        calls.CallReacted(call_id=CALL_ID, peer_id=OTHER_ID, emoji="👏"),
        calls.CallAdmitted(call_id=CALL_ID, state=_STATE),
        calls.CallRemoved(call_id=CALL_ID, peer_id=OTHER_ID, reason=calls.LeaveReason.REMOVED),
    ]
