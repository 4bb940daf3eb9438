"""The state of a call as a client keeps it, and who of two makes the offers. No input or output here."""

from contract.calls import CallState, CallUpdated, Peer, Seat, Source

KINDS = {
    Source.MICROPHONE: "audio",
    Source.SCREEN_AUDIO: "audio",
    Source.CAMERA: "video",
    Source.SCREEN: "video",
}


def updated(state: CallState, change: CallUpdated) -> CallState | None:
    """The state after a change; the same one when it is old news, None when something in between was missed."""
    if change.version <= state.version:
        return state
    if change.since > state.version:
        return None
    new = {peer.id: peer for peer in change.peers}
    empty = {departure.peer_id for departure in change.gone}
    kept = [new.pop(peer.id, peer) for peer in state.peers if peer.id not in empty]
    return CallState(
        call=change.call or state.call,
        version=change.version,
        peers=[*kept, *(peer for peer in new.values() if peer.id not in empty)],
        hands=change.hands,
    )


def others(state: CallState, me: str) -> list[Peer]:
    """Whoever is in the call (and not in its lobby), without oneself."""
    return [peer for peer in state.peers if peer.id != me and peer.seat is Seat.IN]


def makes_offers(me: str, other: Peer) -> bool:
    """A bot cannot roll an offer back, so it leaves offering to the other; of two bots the older seat offers."""
    return other.offers_only and me < other.id
