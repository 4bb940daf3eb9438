"""Calls: who is in one, what they may publish, what they tell each other to connect, and how staff lead it.

A call belongs to a room and there is at most one at a time. Its state has a version: a snapshot answers `call:join` and
`call:state`, and `call.updated` tells from which version to which it leads; who sees a gap asks for the snapshot.
"""

import json
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, model_validator

from contract.base import Count, Instant, Line, RoomId, Seq, Text, UserId, WireModel
from contract.messages import Emoji
from contract.people import Actor

MAX_DESCRIPTION = 24_000
"""Characters of a session description. Chromium's for microphone, camera and screen has about 10,000."""

MAX_DESCRIPTION_BYTES = 28_000
"""The same as JSON in UTF-8: what fits into a notice between two nodes, with room for its envelope."""

CallId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a call.")]
PeerId = Annotated[
    Line, Field(min_length=1, max_length=64, description="One seat in a call: a person on a device.")
]
PeerSession = Annotated[
    Line,
    Field(
        min_length=1,
        max_length=64,
        description="Names a seat's present set of peer connections; a fresh one after each join that is not a resume.",
    ),
]
TrackId = Annotated[Line, Field(min_length=1, max_length=64, description="Opaque id of a published track.")]
Connection = Annotated[
    Count,
    Field(
        description="Which peer connection of this pair of sessions it is about, from 0. Either side may begin the next; the "
        "greater number wins: signals of a smaller one are dropped, a greater one means a new peer connection."
    ),
]


def _sdp(text: str) -> str:
    if not text.startswith("v=0"):
        raise ValueError("is not a session description (RFC 8866 section 5)")
    if len(json.dumps(text, ensure_ascii=False).encode()) > MAX_DESCRIPTION_BYTES:
        raise ValueError(f"must have at most {MAX_DESCRIPTION_BYTES} bytes as JSON")
    return text


class Source(StrEnum):
    """What a track shows or lets hear. Each has a right of its own."""

    MICROPHONE = "microphone"
    CAMERA = "camera"
    SCREEN = "screen"
    SCREEN_AUDIO = "screen_audio"


class Seat(StrEnum):
    """How somebody is in a call. Those in the lobby wait to be admitted, and are heard and seen by nobody."""

    LOBBY = "lobby"
    IN = "in"


class WhoMay(StrEnum):
    """To whom a call's policy gives a right."""

    EVERYBODY = "everybody"
    STAFF = "staff"


class LeaveReason(StrEnum):
    """Why a seat is empty now."""

    LEFT = "left"
    CONNECTION_LOST = "connection_lost"
    TAKEN_OVER = "taken_over"
    REMOVED = "removed"
    DENIED = "denied"
    ENDED = "ended"
    NODE_LOST = "node_lost"


class Rights(WireModel):
    """What somebody may publish now."""

    microphone: bool
    camera: bool
    screen: bool


class Policy(WireModel):
    """What the staff has set for a call."""

    microphone: WhoMay = WhoMay.EVERYBODY
    camera: WhoMay = WhoMay.EVERYBODY
    screen: WhoMay = WhoMay.EVERYBODY
    lobby: bool = Field(default=False, strict=True, description="Whoever is not staff waits to be admitted.")
    locked: bool = Field(default=False, strict=True, description="Nobody new comes in.")


class PolicyChanges(WireModel):
    """What shall be another way; the rest stays."""

    microphone: WhoMay | None = None
    camera: WhoMay | None = None
    screen: WhoMay | None = None
    lobby: bool | None = Field(default=None, strict=True)
    locked: bool | None = Field(default=None, strict=True)


class Track(WireModel):
    """Something published. Nobody shows or plays a track that is not listed, or that is `muted`."""

    id: TrackId
    source: Source
    muted: bool
    stream_id: str = Field(
        description="The `msid` stream id (RFC 8830) under which it is sent to every peer."
    )


class Peer(WireModel):
    """One seat in a call, as everybody in it sees it."""

    id: PeerId
    session: PeerSession
    user: Actor
    staff: bool
    seat: Seat
    connected: bool = Field(description="False while its connection is away and its seat is kept.")
    tracks: list[Track]
    rights: Rights
    blocked: list[Source] = Field(description="What staff has silenced; only staff can lift it.")
    floor: bool = Field(description="Staff has handed this person the floor.")
    hand_raised_at: Instant | None = None
    joined_at: Instant
    offers_only: bool = Field(description="The others always offer to this one: it cannot roll back (a bot).")


class Call(WireModel):
    id: CallId
    room_id: RoomId
    started_at: Instant
    started_by: Actor
    policy: Policy


class CallState(WireModel):
    """Everything about a call that its people see, at one version. `hands` lists raised hands, the oldest first."""

    call: Call
    version: Seq
    peers: list[Peer]
    hands: list[PeerId]


class IceServer(WireModel):
    """As RTCIceServer of the W3C WebRTC recommendation; TURN credentials are good until `expires_at`."""

    urls: list[str]
    username: str | None = None
    credential: str | None = None
    expires_at: Instant | None = None


class Resume(WireModel):
    """The seat one had, and the proof that it was one's own."""

    peer_id: PeerId
    secret: Annotated[Line, Field(min_length=1, max_length=128)]


class JoinCall(WireModel):
    """Starts the room's call if there is none and one may."""

    room_id: RoomId
    resume: Resume | None = None
    fresh: bool = Field(
        default=True,
        strict=True,
        description="False on a resume whose peer connections still live: the session stays the same.",
    )
    offers_only: bool = Field(
        default=False,
        strict=True,
        description="This client answers offers and never makes any (a bot on aiortc).",
    )


class JoinedCall(WireModel):
    """`state` is missing while one waits in the lobby."""

    call_id: CallId
    peer_id: PeerId
    session: PeerSession
    secret: str = Field(description="For `resume`; to be kept by this client alone.")
    seat: Seat
    state: CallState | None = None
    ice_servers: list[IceServer]
    grace_ms: Count = Field(description="How long the seat is kept when the connection drops.")


class CallRef(WireModel):
    call_id: CallId


class RoomCallRef(WireModel):
    room_id: RoomId


class ActiveCall(WireModel):
    """The room's call, if there is one, and how many are in it."""

    call: Call | None = None
    people: Count = 0


class IceServerList(WireModel):
    ice_servers: list[IceServer]


class Description(WireModel):
    """A session description (RFC 8829). A rollback stays local and is never sent."""

    type: Literal["offer", "answer"]
    sdp: Annotated[Text, AfterValidator(_sdp), Field(min_length=3, max_length=MAX_DESCRIPTION)]


class Candidate(WireModel):
    """An ICE candidate (RFC 8839); an empty `candidate` ends the list."""

    candidate: Annotated[Line, Field(max_length=1000)] | Literal[""]
    sdp_mid: Annotated[str, Field(max_length=64)] | None = None
    sdp_m_line_index: Annotated[int, Field(strict=True, ge=0, le=64)] | None = None
    username_fragment: Annotated[str, Field(max_length=256)] | None = None


class Signal(WireModel):
    """To one peer of one's own call: exactly one of a description, a candidate, or the wish for an offer."""

    call_id: CallId
    to: PeerId
    to_session: PeerSession
    seq: Seq = Field(
        description="Grows with every signal to this peer in this pair of sessions; late ones are dropped."
    )
    connection: Connection = 0
    description: Description | None = None
    candidate: Candidate | None = None
    wants_offer: bool = Field(default=False, strict=True, description="From a peer that never offers.")

    @model_validator(mode="after")
    def _one_content(self) -> "Signal":
        contents = (self.description is not None) + (self.candidate is not None) + self.wants_offer
        if contents != 1:
            raise ValueError("exactly one of `description`, `candidate` and `wants_offer` is needed")
        return self


class PublishTrack(WireModel):
    """`stream_id` is the msid stream id the track will be sent under, so that receivers can tell which is which."""

    call_id: CallId
    source: Source
    stream_id: Annotated[Line, Field(min_length=1, max_length=64)]
    muted: bool = Field(default=False, strict=True)


class TrackRef(WireModel):
    call_id: CallId
    track_id: TrackId


class MuteTrack(TrackRef):
    muted: bool = Field(strict=True)


class TrackAnswer(WireModel):
    track: Track


class Moderation(StrEnum):
    """What staff can do. Nothing here unmutes anybody: `allow` only lifts a block."""

    MUTE = "mute"
    ALLOW = "allow"
    STOP_SCREEN = "stop_screen"
    REMOVE = "remove"
    ADMIT = "admit"
    DENY = "deny"
    GIVE_FLOOR = "give_floor"
    TAKE_FLOOR = "take_floor"
    LOWER_HAND = "lower_hand"
    POLICY = "policy"


class Moderate(WireModel):
    """`peer_id` names whom it is about; `mute` without one is about everybody who is not staff."""

    call_id: CallId
    action: Moderation
    peer_id: PeerId | None = None
    source: Source | None = Field(default=None, description="For `mute` and `allow`.")
    policy: PolicyChanges | None = Field(default=None, description="For `policy`.")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> "Moderate":
        if self.action is Moderation.POLICY:
            if self.policy is None:
                raise ValueError("`policy` is needed")
        elif self.peer_id is None and self.action is not Moderation.MUTE:
            raise ValueError("`peer_id` is needed")
        if self.action in {Moderation.MUTE, Moderation.ALLOW} and self.source is None:
            raise ValueError("`source` is needed")
        return self


class CallReaction(WireModel):
    call_id: CallId
    emoji: Emoji


class Departure(WireModel):
    peer_id: PeerId
    reason: LeaveReason


class CallUpdated(WireModel):
    """What changed from version `since` to `version`: the call itself, seats as they are now, seats that are empty.

    It fits every state between the two; who knows only an older one asks for `call:state`.
    """

    call_id: CallId
    since: Seq
    version: Seq
    call: Call | None = None
    peers: list[Peer]
    gone: list[Departure]
    hands: list[PeerId]


class CallSignal(WireModel):
    """A signal from another peer; the server vouches for `from_peer` and `from_session`."""

    call_id: CallId
    from_peer: PeerId
    from_session: PeerSession
    seq: Seq
    connection: Connection = 0
    description: Description | None = None
    candidate: Candidate | None = None
    wants_offer: bool = False


class CallAdmitted(WireModel):
    """To somebody in the lobby: come in."""

    call_id: CallId
    state: CallState


class CallRemoved(WireModel):
    """To one seat: it is no longer yours."""

    call_id: CallId
    peer_id: PeerId
    reason: LeaveReason


class CallReacted(WireModel):
    call_id: CallId
    peer_id: PeerId
    emoji: Emoji


class CallStarted(WireModel):
    call: Call


class CallEnded(WireModel):
    call_id: CallId
    started_at: Instant
    ended_at: Instant
    people: Count = Field(description="How many different people were in it.")


class ScreenShared(WireModel):
    """Data of `call.screen_started` and `call.screen_stopped`: moments that one looks for afterwards."""

    call_id: CallId
    user_id: UserId
