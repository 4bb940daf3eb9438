"""One example of everything on the wire that is about meetings."""

from datetime import UTC, datetime, timedelta

from contract import after_class, meetings, people, schedule
from contract.base import WireModel

MEETING_ID = "meet_01k7zqd1e2f3g4h5j6k7m8n9pq"
RECORDING_ID = "rec_01k7zqe1f2g3h4j5k6m7n8p9qr"
INVITATION_ID = "inv_01k7zqf1g2h3j4k5m6n7p8q9rs"
JOB_ID = "job_01k7zqg1h2j3k4m5n6p7q8r9st"
ROOM_ID = "room_01k7zq5w3m8s4d6f9g2h5j7k9n"
KEY = "2026-09-15T09:00"
NOW = datetime(2026, 9, 14, 9, 0, 0, 500000, tzinfo=UTC)

_STARTS = datetime(2026, 9, 15, 9, 0)  # noqa: DTZ001  # a wall time has no offset
_AT = datetime(2026, 9, 15, 7, 0, tzinfo=UTC)
_ADA = people.Actor(id="u-42", name="Ada Park", role=people.SignInRole.STUDENT)
_NOOR = people.Actor(id="t-7", name="Noor Haddad", role=people.SignInRole.INSTRUCTOR)
_RULE = "FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20261218"
_TITLE = "World history"
_OCCURRENCE = schedule.Occurrence(
    key=KEY,
    starts=_STARTS,
    zone="Europe/Paris",
    starts_at=_AT,
    ends_at=_AT + timedelta(minutes=50),
    title=_TITLE,
    status=schedule.OccurrenceStatus.SCHEDULED,
)
_MEETING = meetings.Meeting(
    id=MEETING_ID,
    room_id=ROOM_ID,
    title=_TITLE,
    schedule=schedule.Schedule(starts=_STARTS, zone="Europe/Paris", minutes=50, rule=_RULE),
    host=_NOOR,
    provided=meetings.Provided(provider="builtin", state=meetings.LinkState.READY),
    policy=meetings.MeetingPolicy(),
    status=meetings.MeetingStatus.SCHEDULED,
    sequence=0,
    link=f"https://homeroom.school.example/m/{MEETING_ID}",
    next=_OCCURRENCE,
    created_at=NOW,
    updated_at=NOW,
)
_CAPABILITIES = meetings.Capabilities(
    recurrence=True,
    passcode=False,
    lobby=True,
    registration=False,
    personal_links=True,
    attendance=True,
    recordings=False,
    end=True,
    alternative_hosts=True,
)
_CLASH = schedule.Clash(
    kind="host", key=KEY, starts_at=_AT, ends_at=_AT + timedelta(minutes=30), title="Staff meeting"
)
_RECORDING = after_class.MeetingRecording(
    id=RECORDING_ID,
    meeting_id=MEETING_ID,
    key=KEY,
    kind="video",
    state=after_class.RecordingState.READY,
    starts_at=_AT,
    seconds=2940,
    bytes=183500800,
    content_type="video/mp4",
    url=f"/api/v1/recordings/{RECORDING_ID}/file?ticket=c2lnbmVk",
)
_INVITATION = after_class.Invitation(
    id=INVITATION_ID,
    email="guest@museum.example",
    expires_at=NOW + timedelta(days=7),
    url=f"https://homeroom.school.example/m/{MEETING_ID}#guest=c2VjcmV0",
)


def meeting_examples() -> list[WireModel]:
    """What people ask for, what they are answered, and what events carry."""
    return [*_asked(), *_answered(), *_told()]


def _asked() -> list[WireModel]:
    return [
        meetings.ListMeetings(room_id=ROOM_ID),
        meetings.PreviewMeeting(starts=_STARTS, zone="Europe/Paris", minutes=50, rule=_RULE),
        meetings.CreateMeeting(
            title=_TITLE, room_id=ROOM_ID, starts=_STARTS, zone="Europe/Paris", minutes=50, rule=_RULE
        ),
        meetings.MeetingScope(scope=meetings.Scope.THIS, occurrence=KEY),
        meetings.MeetingChanges(starts=_STARTS + timedelta(hours=1), reason="The room is taken."),
        meetings.CancelMeeting(scope=meetings.Scope.THIS, occurrence=KEY, reason="I am ill."),
        meetings.ListChanges(limit=20),
        meetings.EnterMeeting(),
        after_class.AttendanceQuery(occurrence=KEY),
        after_class.Invite(email="guest@museum.example", hours=168),
        after_class.ListJobs(),
    ]


def _held() -> after_class.Held:
    stay = after_class.Stay(
        source=after_class.StaySource.WEBHOOK, joined_at=_AT, left_at=_AT + timedelta(minutes=48)
    )
    present = after_class.Presence(
        user=_ADA, name=_ADA.name, stays=[stay], seconds=2880, webhook_seconds=2880, percent=96
    )
    return after_class.Held(
        occurrence=_OCCURRENCE, started_at=_AT, ended_at=_AT + timedelta(minutes=50), people=[present]
    )


def _answered() -> list[WireModel]:
    change = meetings.Change(id="chg_1", at=NOW, actor=_NOOR, what="created", words="Scheduled the meeting.")
    return [
        meetings.ProviderList(
            items=[
                meetings.Provider(
                    name="builtin", title="This server", capabilities=_CAPABILITIES, healthy=True
                )
            ]
        ),
        meetings.MeetingPage(
            items=[meetings.MeetingInRange(meeting=_MEETING, occurrences=[_OCCURRENCE])], has_more=False
        ),
        schedule.Preview(
            occurrences=[_OCCURRENCE],
            total=28,
            words="Every Tuesday and Thursday at 09:00 until 18 December 2026",
            clashes=[_CLASH],
        ),
        meetings.MeetingDetail(
            meeting=_MEETING, occurrences=[_OCCURRENCE], may_change=True, reminders=[1440, 10]
        ),
        meetings.ChangePage(items=[change], has_more=False),
        meetings.Entrance(
            way=meetings.Way.WAIT,
            message="Not yet: it starts in 12 minutes.",
            meeting_id=MEETING_ID,
            title=_TITLE,
            room_id=ROOM_ID,
            occurrence=_OCCURRENCE,
            again_at=_AT - timedelta(minutes=10),
        ),
        *_left_behind(),
    ]


def _left_behind() -> list[WireModel]:
    return [
        after_class.MeetingAttendance(meeting_id=MEETING_ID, items=[_held()]),
        after_class.RecordingList(items=[_RECORDING]),
        _INVITATION,
        after_class.InvitationList(items=[_INVITATION.model_copy(update={"url": None})]),
        after_class.CalendarFeed(
            url="https://homeroom.school.example/api/v1/calendar/c2VjcmV0.ics", created_at=NOW
        ),
        after_class.JobPage(
            items=[
                after_class.JobView(
                    id=JOB_ID,
                    kind="link",
                    meeting_id=MEETING_ID,
                    attempts=12,
                    created_at=NOW,
                    due_at=NOW,
                    dead=True,
                    error="The provider refused the credentials.",
                )
            ],
            has_more=False,
        ),
    ]


def _told() -> list[WireModel]:
    presence = meetings.MeetingPresence(meeting_id=MEETING_ID, key=KEY, name=_ADA.name, user=_ADA, at=_AT)
    return [
        meetings.MeetingScheduled(meeting=_MEETING),
        meetings.MeetingUpdated(meeting=_MEETING, scope=meetings.Scope.ALL),
        meetings.MeetingCancelled(meeting=_MEETING, scope=meetings.Scope.THIS, key=KEY, reason="I am ill."),
        meetings.LinkChanged(meeting=_MEETING, message="The link is ready."),
        meetings.OccurrenceStarted(meeting_id=MEETING_ID, title=_TITLE, occurrence=_OCCURRENCE),
        meetings.OccurrenceEnded(meeting_id=MEETING_ID, title=_TITLE, occurrence=_OCCURRENCE, people=24),
        presence,
        meetings.MeetingReminder(meeting_id=MEETING_ID, title=_TITLE, occurrence=_OCCURRENCE, minutes=10),
        after_class.RecordingReady(recording=_RECORDING, title=_TITLE),
    ]
