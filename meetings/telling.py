"""What a change is called in a meeting's history. Pure."""

from contract.meetings import MeetingChanges, Scope
from contract.schedule import OccurrenceStatus
from meetings.model import OccurrenceRecord
from meetings.schedule import words
from meetings.timetable import Timetable
from meetings.views import current_part

_FIELDS = {
    "title": "title",
    "description": "description",
    "policy": "how people come in",
    "guests": "guests",
    "alternative_hosts": "alternative hosts",
    "host_account": "the provider's account",
    "reminders": "reminders",
}


def what_changed(
    before: Timetable, after: Timetable, changes: MeetingChanges, key: str | None
) -> tuple[str, str]:
    """A word for programs, and a sentence for people."""
    moved = _times(before, after, changes, key)
    said = [moved] if moved else []
    if changes.provider is not None and changes.provider != _provider(before):
        said.append(f"moved from {_provider(before)} to {changes.provider}")
    fields = [name for field, name in _FIELDS.items() if getattr(changes, field) is not None]
    if fields:
        said.append(f"changed {words.listed(fields)}")
    sentence = words.listed(said) if said else "changed"
    return ("moved" if moved else "changed"), f"{sentence[0].upper()}{sentence[1:]}."


def _times(before: Timetable, after: Timetable, changes: MeetingChanges, key: str | None) -> str:
    was = before.find(key) if key is not None else None
    now = next((one for one in after.occurrences if was is not None and one.id == was.id), None)
    if was is not None and now is not None and len(_different(before, after)) == 1:
        return words.moved(was.slot, now.slot)
    if not _different(before, after):
        return ""
    part = current_part(after.meeting, now or _first_to_come(before, after))
    return f"moved to {words.of(part.series)}"


def _different(before: Timetable, after: Timetable) -> list[OccurrenceRecord]:
    """Occurrences that are at another time, or are new."""
    slots = {one.id: one.slot for one in before.occurrences}
    return [one for one in after.occurrences if slots.get(one.id) != one.slot]


def _first_to_come(before: Timetable, after: Timetable) -> OccurrenceRecord | None:
    return next(iter(_different(before, after)), None)


def _provider(timetable: Timetable) -> str:
    return current_part(timetable.meeting, None).provider


def what_was_cancelled(before: Timetable, after: Timetable, scope: Scope) -> str:
    """A sentence for people."""
    was = {one.id for one in before.occurrences if one.status is not OccurrenceStatus.CANCELLED}
    gone = [one for one in after.occurrences if one.id in was and one.status is OccurrenceStatus.CANCELLED]
    if scope is Scope.THIS or len(gone) == 1:
        return f"Cancelled: {words.moment(gone[0].slot.starts)}."
    rest = "all that were to come" if scope is Scope.ALL else "this class and all that follow"
    return f"Cancelled {rest}, {len(gone)} in number."
