"""One method for each thing somebody can want of meetings."""

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncConnection

from auth.identity import Identity
from auth.permissions import Action
from contract.clock import Clock
from contract.errors import NotFound
from contract.ids import IdFactory
from contract.meetings import (
    CancelMeeting,
    ChangePage,
    CreateMeeting,
    ListChanges,
    ListMeetings,
    MeetingChanges,
    MeetingDetail,
    MeetingPage,
    MeetingScope,
    PreviewMeeting,
    Provider,
    ProviderList,
)
from contract.schedule import Preview
from db.engine import Database
from meetings import listing, previewing, rules, store, views, writes
from meetings.means import Means
from meetings.writes import Place
from realtime.log.writer import Writer
from realtime.rooms import store as rooms
from realtime.rooms.store import Access


class PersonalChannel(Protocol):
    """Reaches all connections of one person, on all nodes."""

    async def added(self, user_id: str, room_id: str) -> None: ...


class MeetingService:
    """Meetings: the schedule, and what is shown of it."""

    def __init__(
        self,
        database: Database,
        writer: Writer,
        means: Means,
        *,
        personal: PersonalChannel,
        clock: Clock,
        ids: IdFactory,
    ) -> None:
        self._database = database
        self._writer = writer
        self._means = means
        self._personal = personal
        self._clock = clock
        self._ids = ids

    async def create(self, who: Identity, wish: CreateMeeting, creation_key: str | None) -> MeetingDetail:
        """Makes a meeting. A repeated `creation_key` is answered with the first."""
        self._means.providers.get(wish.provider)
        made = (self._ids.new("meet"), self._ids.new("room"))
        intention = writes.ScheduleMeeting(who, wish, made, creation_key, self._means)
        meeting_id = await self._writer.submit(intention)
        if meeting_id == made[0] and wish.room_id is None:
            for user_id in sorted({who.user_id, *(person.user_id for person in wish.people)}):
                await self._personal.added(user_id, made[1])
        return await self.get(who, meeting_id)

    async def preview(self, who: Identity, wish: PreviewMeeting) -> Preview:
        """What a schedule would come to. Nothing is saved."""
        async with self._database.reading() as connection:
            return await previewing.preview(connection, who, wish, self._means.providers, self._clock.now())

    async def update(
        self, who: Identity, meeting_id: str, scope: MeetingScope, changes: MeetingChanges
    ) -> MeetingDetail:
        """Changes one class, it and all that follow, or all to come. Raises as `writes.UpdateMeeting`."""
        if changes.provider is not None:
            self._means.providers.get(changes.provider)
        place = await self._place(who, meeting_id)
        await self._writer.submit(writes.UpdateMeeting(who, place, scope, changes, self._means))
        return await self.get(who, meeting_id)

    async def cancel(self, who: Identity, meeting_id: str, wish: CancelMeeting) -> MeetingDetail:
        """Cancels one class, it and all that follow, or all to come. Raises as `writes.CancelMeeting`."""
        place = await self._place(who, meeting_id)
        await self._writer.submit(writes.CancelMeeting(who, place, wish, self._means))
        return await self.get(who, meeting_id)

    async def get(self, who: Identity, meeting_id: str) -> MeetingDetail:
        """Raises NotFound, also for a meeting of a room that the person may not see."""
        async with self._database.reading() as connection:
            access = await self._access(connection, who, meeting_id)
            return await self._detail(connection, access, meeting_id)

    async def list(self, who: Identity, page: ListMeetings) -> MeetingPage:
        """Meetings of one's rooms, or of one room, with what they hold in a span of time; the same number of queries for
        any number of meetings.
        """
        since, until = listing.span_of(page, self._clock.now())
        async with self._database.reading() as connection:
            if page.room_id is not None:
                (await rooms.access(connection, who, page.room_id)).require(Action.ROOM_VIEW)
            ids = await listing.page_of(connection, who.user_id, page, (since, until))
            shown = ids[: page.limit]
            items = await listing.items(
                connection, shown, (since, until), link_base=self._means.link_base, now=self._clock.now()
            )
        has_more = len(ids) > page.limit
        return MeetingPage(items=items, has_more=has_more, next=shown[-1] if has_more else None)

    async def history(self, who: Identity, meeting_id: str, page: ListChanges) -> ChangePage:
        """Raises NotFound, and Forbidden for whoever may see the room but not what staff did."""
        async with self._database.reading() as connection:
            access = await self._access(connection, who, meeting_id)
            access.require(Action.MEETING_ATTENDANCE)
            found = await store.changes(connection, meeting_id, page.before, page.limit)
        items = [*found[: page.limit]]
        has_more = len(found) > page.limit
        return ChangePage(items=items, has_more=has_more, next=items[-1].id if has_more else None)

    def providers(self) -> ProviderList:
        """The services that can hold a meeting."""
        return ProviderList(
            items=[
                Provider(
                    name=one.name,
                    title=one.title,
                    capabilities=one.capabilities,
                    healthy=self._means.providers.healthy(one.name),
                )
                for one in self._means.providers.all()
            ]
        )

    async def _place(self, who: Identity, meeting_id: str) -> Place:
        async with self._database.reading() as connection:
            return Place(meeting_id, (await self._access(connection, who, meeting_id)).room.id)

    async def _access(self, connection: AsyncConnection, who: Identity, meeting_id: str) -> Access:
        """How somebody stands in a meeting's room. Raises NotFound when they may not see it."""
        room_id = await store.room_of(connection, meeting_id)
        if room_id is None:
            raise NotFound
        access = await rooms.access(connection, who, room_id)
        access.require(Action.ROOM_VIEW)
        return access

    async def _detail(self, connection: AsyncConnection, access: Access, meeting_id: str) -> MeetingDetail:
        record = await store.load(connection, meeting_id)
        if record is None:
            raise NotFound
        occurrences = await store.occurrences(connection, meeting_id)
        links = await store.links(connection, meeting_id)
        host = await store.actor(connection, record.host_id)
        meeting = views.meeting_view(
            record, occurrences, links, host, link_base=self._means.link_base, now=self._clock.now()
        )
        may_change = access.allows(Action.MEETING_SCHEDULE) and meeting.status in rules.CHANGEABLE
        staff = access.allows(Action.MEETING_ATTENDANCE)
        return MeetingDetail(
            meeting=meeting,
            occurrences=views.occurrence_views(record, occurrences),
            may_change=may_change,
            problems=views.problems_of(links, occurrences) if staff else [],
            guests=list(record.guests) if staff else [],
            reminders=list(record.reminders) if staff else [],
        )
