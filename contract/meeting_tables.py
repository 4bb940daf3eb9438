"""Events and REST operations of meetings; part of the registry."""

from http import HTTPStatus

from contract import after_class, meetings, schedule
from contract.rooms import Nothing
from contract.specs import EventSpec, Limit, RestSpec, TextFile

MEETING_EVENTS = (
    EventSpec("meeting.scheduled", meetings.MeetingScheduled, True, "A meeting of this room was scheduled."),
    EventSpec("meeting.updated", meetings.MeetingUpdated, True, "A meeting, or part of its series, changed."),
    EventSpec(
        "meeting.cancelled", meetings.MeetingCancelled, True, "A meeting, or part of it, will not be held."
    ),
    EventSpec(
        "meeting.link_changed", meetings.LinkChanged, True, "How the provider's side of a meeting stands."
    ),
    EventSpec("meeting.started", meetings.OccurrenceStarted, True, "A class began."),
    EventSpec("meeting.ended", meetings.OccurrenceEnded, True, "A class is over."),
    EventSpec("meeting.joined", meetings.MeetingPresence, True, "Somebody came into a class."),
    EventSpec("meeting.left", meetings.MeetingPresence, True, "Somebody left a class."),
    EventSpec("meeting.reminder", meetings.MeetingReminder, True, "A class begins soon."),
    EventSpec("meeting.recording_ready", after_class.RecordingReady, True, "A recording can be played."),
)

_ALL = "/api/v1/meetings"
_ONE = f"{_ALL}/{{meeting_id}}"
_MINE = "/api/v1/me/calendar"

_SCHEDULING = (
    RestSpec(
        "listProviders",
        "GET",
        "/api/v1/providers",
        meetings.ProviderList,
        Limit.READ,
        "Services that can hold a meeting.",
    ),
    RestSpec(
        "listMeetings",
        "GET",
        _ALL,
        meetings.MeetingPage,
        Limit.READ,
        "Meetings of my rooms in a span of time.",
        query=meetings.ListMeetings,
    ),
    RestSpec(
        "previewMeeting",
        "POST",
        f"{_ALL}/preview",
        schedule.Preview,
        Limit.READ,
        "What a schedule would come to: occurrences, clashes, notes. Nothing is saved.",
        body=meetings.PreviewMeeting,
    ),
    RestSpec(
        "createMeeting",
        "POST",
        _ALL,
        meetings.MeetingDetail,
        Limit.CREATE,
        "Schedule a meeting; the provider's side is made afterwards.",
        body=meetings.CreateMeeting,
        status=HTTPStatus.CREATED,
        idempotency_key=True,
    ),
    RestSpec(
        "getMeeting", "GET", _ONE, meetings.MeetingDetail, Limit.READ, "A meeting with all its occurrences."
    ),
    RestSpec(
        "getMeetingFile",
        "GET",
        f"{_ONE}/calendar.ics",
        TextFile,
        Limit.READ,
        "The meeting as an iCalendar file, to add to a calendar by hand.",
        media_type="text/calendar",
    ),
    RestSpec(
        "updateMeeting",
        "PATCH",
        _ONE,
        meetings.MeetingDetail,
        Limit.CHANGE,
        "Change one occurrence, it and all that follow, or all to come; another `provider` moves them there.",
        query=meetings.MeetingScope,
        body=meetings.MeetingChanges,
    ),
    RestSpec(
        "cancelMeeting",
        "DELETE",
        _ONE,
        meetings.MeetingDetail,
        Limit.CHANGE,
        "Cancel one occurrence, it and all that follow, or all to come.",
        query=meetings.CancelMeeting,
    ),
    RestSpec(
        "retryMeeting",
        "POST",
        f"{_ONE}/retry",
        meetings.MeetingDetail,
        Limit.CHANGE,
        "Staff: try again at once what failed with the provider.",
    ),
    RestSpec(
        "endMeeting",
        "POST",
        f"{_ONE}/end",
        meetings.MeetingDetail,
        Limit.CHANGE,
        "Staff: end the class that is being held, for everybody.",
    ),
    RestSpec(
        "listMeetingHistory",
        "GET",
        f"{_ONE}/history",
        meetings.ChangePage,
        Limit.READ,
        "What happened to a meeting, the newest first.",
        query=meetings.ListChanges,
    ),
    RestSpec(
        "enterMeeting",
        "POST",
        f"{_ONE}/enter",
        meetings.Entrance,
        Limit.JOIN,
        "Where the one link leads this person just now; a guest brings the secret of an invitation.",
        body=meetings.EnterMeeting,
        public=True,
        sign_in_optional=True,
    ),
)

_AFTERWARDS = (
    RestSpec(
        "getMeetingAttendance",
        "GET",
        f"{_ONE}/attendance",
        after_class.MeetingAttendance,
        Limit.READ,
        "Who came and how long: everybody for staff, for others only themselves.",
        query=after_class.AttendanceQuery,
    ),
    RestSpec(
        "getMeetingAttendanceFile",
        "GET",
        f"{_ONE}/attendance.csv",
        TextFile,
        Limit.READ,
        "The same as a CSV file.",
        query=after_class.AttendanceQuery,
        media_type="text/csv",
    ),
    RestSpec(
        "listRecordings",
        "GET",
        f"{_ONE}/recordings",
        after_class.RecordingList,
        Limit.READ,
        "What was recorded, with addresses that play it for an hour.",
    ),
    RestSpec(
        "deleteRecording",
        "DELETE",
        f"{_ONE}/recordings/{{recording_id}}",
        Nothing,
        Limit.CHANGE,
        "Staff: delete a recording for good.",
    ),
    RestSpec(
        "listInvitations",
        "GET",
        f"{_ONE}/invitations",
        after_class.InvitationList,
        Limit.READ,
        "Staff: guests who were invited.",
    ),
    RestSpec(
        "inviteGuest",
        "POST",
        f"{_ONE}/invitations",
        after_class.Invitation,
        Limit.CHANGE,
        "Staff: invite somebody without an account; the link ends.",
        body=after_class.Invite,
        status=HTTPStatus.CREATED,
    ),
    RestSpec(
        "revokeInvitation",
        "DELETE",
        f"{_ONE}/invitations/{{invitation_id}}",
        Nothing,
        Limit.CHANGE,
        "Staff: take an invitation back.",
    ),
)

_PERSONAL = (
    RestSpec(
        "getCalendarFeed",
        "GET",
        _MINE,
        after_class.CalendarFeed,
        Limit.READ,
        "Whether I have a calendar feed.",
    ),
    RestSpec(
        "makeCalendarFeed",
        "POST",
        _MINE,
        after_class.CalendarFeed,
        Limit.CHANGE,
        "A calendar feed with a fresh secret; the one before ends.",
    ),
    RestSpec("revokeCalendarFeed", "DELETE", _MINE, Nothing, Limit.CHANGE, "End my calendar feed."),
    RestSpec(
        "listJobs",
        "GET",
        "/api/v1/jobs",
        after_class.JobPage,
        Limit.READ,
        "Work that failed: of one meeting for its staff, all of it for admins.",
        query=after_class.ListJobs,
    ),
    RestSpec(
        "retryJob",
        "POST",
        "/api/v1/jobs/{job_id}/retry",
        Nothing,
        Limit.CHANGE,
        "Try failed work again at once.",
    ),
)

MEETING_OPERATIONS = (*_SCHEDULING, *_AFTERWARDS, *_PERSONAL)
