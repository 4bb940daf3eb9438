"""How it stands with a meeting's invitations: what there is to know, who is to know it, and what they were told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from meetings import store as meeting_store
from meetings.calendar.entry import CalendarEntry, entry_of, sequence_of
from meetings.mail import rules, store
from meetings.mail.rules import Decision, Invitee
from meetings.model import MeetingRecord
from meetings.people import Recipient, recipients


@dataclass(frozen=True)
class Standing:
    """All that decisions about one meeting are made from. Entries stand with their SEQUENCE, by part."""

    meeting: MeetingRecord
    entries: Mapping[str, tuple[CalendarEntry, int]]
    people: Mapping[str, Recipient]
    invitees: Mapping[tuple[str, str], Invitee]
    versions: store.Versions

    def decisions(self, now: datetime) -> Iterator[tuple[str, str, Decision]]:
        """By part and address: what is to be told that nobody was told yet."""
        for part_id, (entry, sequence) in self.entries.items():
            versions = {version: kept for (part, version), kept in self.versions.items() if part == part_id}
            known = {address for part, address in self.invitees if part == part_id}
            if not known and not entry.after(now).classes:
                continue
            for address in sorted(known | self.people.keys()):
                invitee = self.invitees.get((part_id, address))
                wanted = entry if address in self.people else None
                decision = rules.decide(wanted, sequence, invitee, versions, now)
                if decision is not None:
                    yield part_id, address, decision


async def standing_of(connection: AsyncConnection, meeting_id: str) -> Standing | None:
    """None: there is no such meeting."""
    meeting = await meeting_store.load(connection, meeting_id)
    if meeting is None:
        return None
    occurrences = await meeting_store.occurrences(connection, meeting_id)
    entries = {
        part.id: (entry_of(part, occurrences), sequence_of(part, occurrences)) for part in meeting.parts
    }
    return Standing(
        meeting=meeting,
        entries=entries,
        people=await recipients(connection, meeting),
        invitees={(one.part_id, one.address): one for one in await store.invitees(connection, meeting_id)},
        versions=await store.versions(connection, entries),
    )
