"""What somebody is told when a call moved on: the difference between two states, as their audience sees them. Pure."""

from collections.abc import Mapping

from contract.calls import CallUpdated, Departure, LeaveReason
from signaling.model import CallRecord, hands_of, peer_of


def difference(
    before: CallRecord,
    after: CallRecord,
    reasons: Mapping[str, LeaveReason],
    *,
    was_staff: bool,
    is_staff: bool,
) -> CallUpdated:
    """From one state to a later one. Seats in the lobby are the staff's to see: whoever begins or ceases to be staff sees
    them appear or go. `reasons` says why seats are empty, where `after` does not.
    """
    known = {seat.id: peer_of(seat, before) for seat in (before.taken() if was_staff else before.inside())}
    shown = {seat.id: peer_of(seat, after) for seat in (after.taken() if is_staff else after.inside())}
    return CallUpdated(
        call_id=after.call.id,
        since=before.version,
        version=after.version,
        call=after.call if after.call != before.call else None,
        peers=[peer for peer_id, peer in shown.items() if peer != known.get(peer_id)],
        gone=[
            Departure(peer_id=peer_id, reason=reason_of(peer_id, after, reasons))
            for peer_id in sorted(known.keys() - shown.keys())
        ],
        hands=hands_of(after),
    )


def reason_of(peer_id: str, record: CallRecord, reasons: Mapping[str, LeaveReason]) -> LeaveReason:
    """Why a seat is empty, as far as it is known."""
    seat = record.seats.get(peer_id)
    told = seat.reason if seat is not None else None
    return told or reasons.get(peer_id) or (LeaveReason.ENDED if record.ended_at else LeaveReason.LEFT)


def emptied(before: CallRecord, after: CallRecord) -> set[str]:
    """Seats that became empty between the two."""
    return {seat.id for seat in before.taken()} - {seat.id for seat in after.taken()}
