"""How it stands with a meeting's invitations: what there is to know, who is to know it, and what they were told."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncConnection

from meetings import store as meeting_store
from meetings.calendar.entry import entry_of, sequence_of
from meetings.mail import rules, store
from meetings.mail.rules import Decision, Invitee, Present
from meetings.model import MeetingRecord
from meetings.people import Recipient, recipients


@dataclass(frozen=True)
class Standing:
    """All that decisions about one meeting are made from."""

    meeting: MeetingRecord
    parts: Mapping[str, Present]
    people: Mapping[str, Recipient]
    invitees: Mapping[tuple[str, str], Invitee]
    versions: store.Versions

    def decisions(self, now: datetime) -> Iterator[tuple[str, str, Decision]]:
        """By part and address: what is to be told that nobody was told yet."""
        for part_id, present in self.parts.items():
            versions = {version: kept for (part, version), kept in self.versions.items() if part == part_id}
            known = {address for part, address in self.invitees if part == part_id}
            if not known and not present.entry.lasts_beyond(now):
                continue
            for address in sorted(known | self.people.keys()):
                invitee = self.invitees.get((part_id, address))
                decision = rules.decide(present if address in self.people else None, invitee, versions, now)
                if decision is not None:
                    yield part_id, address, decision


async def standing_of(connection: AsyncConnection, meeting_id: str) -> Standing | None:
    """None: there is no such meeting."""
    meeting = await meeting_store.load(connection, meeting_id)
    if meeting is None:
        return None
    occurrences = await meeting_store.occurrences(connection, meeting_id)
    entries = {part.id: entry_of(part, occurrences) for part in meeting.parts}
    return Standing(
        meeting=meeting,
        parts={
            part.id: Present(entries[part.id], entries[part.id].version, sequence_of(part, occurrences))
            for part in meeting.parts
        },
        people=await recipients(connection, meeting),
        invitees={(one.part_id, one.address): one for one in await store.invitees(connection, meeting_id)},
        versions=await store.versions(connection, entries),
    )
