"""Invitations, changes and cancellations, from what an invitee was told to what they are to know."""

from dataclasses import dataclass
from datetime import datetime

from icalendar import Event

from meetings.calendar.entry import CalendarClass, CalendarEntry
from meetings.calendar.events import (
    Circumstances,
    cancelled_class,
    cancelled_series,
    plain,
    series_events,
)
from meetings.calendar.mailbox import Mailbox
from meetings.calendar.text import Method, calendar_text
from meetings.mail import rules, words
from meetings.mail.letter import Letter, letter_id
from meetings.mail.rules import Notice, Told
from meetings.mail.words import Page
from meetings.people import Recipient

_JOIN = "Join the class"


@dataclass(frozen=True)
class Telling:
    """One notice to one person. `before` is what they know of the part, None if nothing; both without what is not theirs."""

    entry: CalendarEntry
    before: CalendarEntry | None
    notice: Notice
    to: Recipient
    link: str
    host: str
    room: str
    told_at: datetime
    """DTSTAMP: when the version was made, so that the same letter is the same each time."""
    now: datetime
    reason: str | None = None
    removed: bool = False
    """The classes are held, but without them."""


def calendar_letter(telling: Telling, organizer: Mailbox) -> Letter:
    """The letter; its calendar object is for programs, its words say the same to people."""
    about = Circumstances(
        sequence=telling.notice.sequence,
        stamp=telling.told_at,
        link=telling.link,
        organizer=organizer,
        attendee=Mailbox(telling.to.email, telling.to.name),
        chair=telling.to.host,
    )
    if telling.notice.method is Told.CANCEL:
        return _letter(
            telling, Method.CANCEL, [cancelled_series(telling.entry, about)], _all_cancelled(telling)
        )
    if telling.before is None:
        return _letter(telling, Method.REQUEST, series_events(telling.entry, about), _invited(telling))
    gone = rules.only_cancelled(telling.before, telling.entry)
    if gone is not None:
        event = cancelled_class(telling.before, gone, about)
        return _letter(telling, Method.CANCEL, [event], _one_cancelled(telling, gone))
    return _letter(telling, Method.REQUEST, series_events(telling.entry, about), _changed(telling))


@dataclass(frozen=True)
class _Said:
    subject: str
    page: Page


def _letter(telling: Telling, method: Method, events: list[Event], said: _Said) -> Letter:
    shown = [entry for entry in (telling.before, telling.entry) if entry is not None]
    return Letter(
        id=letter_id("class", telling.entry.uid, telling.to.address, telling.notice.sequence),
        to=Mailbox(telling.to.email, telling.to.name),
        subject=said.subject,
        text=said.page.as_text(),
        html=said.page.as_html(),
        method=method,
        calendar=calendar_text(method, shown, events),
    )


def _invited(telling: Telling) -> _Said:
    entry = telling.entry
    one = words.left(entry, telling.now)
    title = words.short_title(entry.title_of(one))
    label = "First class" if len(entry.classes) > 1 else "When"
    lines = [*words.repetition(entry), *words.times(label, one, telling.to.zone), *_who(telling)]
    page = _page(telling, f"You are invited: {title}", lines, entry.description_of(one))
    return _Said(f"Invitation: {title}, {words.moment(one)}", page)


def _changed(telling: Telling) -> _Said:
    entry, before = telling.entry, telling.before
    one = words.left(entry, telling.now)
    title = words.short_title(entry.title_of(one))
    moved = rules.only_moved(before, entry) if before is not None else None
    if moved is not None:
        was, one = moved
        title = words.short_title(entry.title_of(one))
        lines = [("Was", words.span(was)), *words.times("Now", one, telling.to.zone), *_who(telling)]
        page = _page(telling, f"Moved: {title}", lines, "")
        return _Said(f"Moved: {title}, now {words.moment(one)}", page)
    if before is not None and not entry.after(telling.now).classes:
        return _rest_cancelled(telling, before, title)
    label = "Next class" if len(entry.classes) > 1 else "When"
    lines = [*words.repetition(entry), *words.times(label, one, telling.to.zone), *_who(telling)]
    return _Said(f"Changed: {title}", _page(telling, f"Changed: {title}", lines, entry.description_of(one)))


def _rest_cancelled(telling: Telling, before: CalendarEntry, title: str) -> _Said:
    """Some classes were held; those that were still to come are not any more."""
    gone = [one for one in before.after(telling.now).classes if one.key not in telling.entry.by_key()]
    lines = [("Cancelled", words.span(one)) for one in gone[:5]]
    if len(gone) > 5:
        lines.append(("", f"and {len(gone) - 5} more: no class is left"))
    return _Said(f"Cancelled: {title}", _page(telling, f"Cancelled: {title}", lines, "", link=False))


def _one_cancelled(telling: Telling, gone: CalendarClass) -> _Said:
    before = telling.before or telling.entry
    title = words.short_title(before.title_of(gone))
    lines = [("Cancelled", words.span(gone))]
    following = telling.entry.after(telling.now).classes
    if following:
        lines += words.times("Next class", following[0], telling.to.zone)
    page = _page(telling, f"Cancelled: {title}", lines, "", link=bool(following))
    return _Said(f"Cancelled: {title}, {words.moment(gone)}", page)


def _all_cancelled(telling: Telling) -> _Said:
    entry = telling.entry
    one = words.left(entry, telling.now)
    title = words.short_title(entry.title_of(one))
    heading = f"{'No longer invited' if telling.removed else 'Cancelled'}: {title}"
    lines = [*words.repetition(entry), ("Was", words.span(one))]
    return _Said(heading, _page(telling, heading, lines, "", link=False))


def _who(telling: Telling) -> list[tuple[str, str]]:
    return [("With", plain(telling.host)), ("Room", plain(telling.room))]


def _page(
    telling: Telling, heading: str, lines: list[tuple[str, str]], description: str, *, link: bool = True
) -> Page:
    said = [plain(description, lines=True)] if description.strip() else []
    known = telling.before is not None or telling.notice.method is Told.CANCEL
    if known and telling.reason is not None and not telling.removed:
        said.insert(0, f"Reason: {plain(telling.reason)}")
    return Page(
        heading,
        lines,
        (_JOIN, telling.link) if link else None,
        said,
        f"You get this mail because you belong to {plain(telling.room)}."
        if telling.to.user_id is not None
        else f"You get this mail because {plain(telling.host)} invited you as a guest.",
    )
