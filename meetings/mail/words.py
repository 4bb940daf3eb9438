"""What mails say, as plain text and as HTML with the same words."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from contract.errors import InvalidInput
from meetings.calendar.entry import CalendarClass, CalendarEntry
from meetings.calendar.events import plain
from meetings.calendar.recurrence import recurrence_of
from meetings.model import Series
from meetings.schedule import words, zones

_SHOWN_TITLE = 120


@dataclass(frozen=True)
class Page:
    """A mail's content. `lines` are a label and what it is of; `link` is shown once, as a button or below its label."""

    heading: str
    lines: Sequence[tuple[str, str]]
    link: tuple[str, str] | None
    paragraphs: Sequence[str]
    footer: str

    def as_text(self) -> str:
        blocks = [
            self.heading,
            "\n".join(f"{label}: {text}" if label else text for label, text in self.lines),
        ]
        if self.link is not None:
            blocks.append(f"{self.link[0]}: {self.link[1]}")
        blocks += [*self.paragraphs, f"-- \n{self.footer}"]
        return "\n\n".join(block for block in blocks if block) + "\n"

    def as_html(self) -> str:
        parts = [f"<h1 style='font-size:20px;margin:0 0 16px'>{escape(self.heading)}</h1>"]
        rows = "".join(
            f"<tr><td style='padding:2px 16px 2px 0;color:#555;vertical-align:top'>{escape(label)}</td>"
            f"<td style='padding:2px 0'>{escape(text)}</td></tr>"
            for label, text in self.lines
        )
        parts.append(f"<table role='presentation' style='border-collapse:collapse'>{rows}</table>")
        if self.link is not None:
            label, url = self.link
            parts.append(
                f"<p style='margin:20px 0'><a href='{escape(url, quote=True)}' style='background:#1d4ed8;color:#fff;"
                f"padding:10px 18px;border-radius:6px;text-decoration:none'>{escape(label)}</a></p>"
                f"<p style='color:#555'>{escape(url)}</p>"
            )
        parts += [f"<p style='white-space:pre-line'>{escape(text)}</p>" for text in self.paragraphs]
        parts.append(f"<p style='color:#555;font-size:13px'>{escape(self.footer)}</p>")
        return (
            "<!doctype html><html lang='en'><head><meta charset='utf-8'></head>"
            "<body style='font-family:system-ui,sans-serif;font-size:15px;line-height:1.5;color:#111'>"
            + "".join(parts)
            + "</body></html>\n"
        )


def short_title(title: str) -> str:
    """As subjects hold it."""
    told = plain(title)
    return told if len(told) <= _SHOWN_TITLE else told[: _SHOWN_TITLE - 1] + "…"


def span(one: CalendarClass, zone: str | None = None) -> str:
    """Tuesday 24 November 2026, 09:00 to 10:30 (Europe/Paris)."""
    place = zone or one.zone
    clock = zones.load(place)
    starts, ends = zones.wall_of(one.starts_at, clock), zones.wall_of(one.ends_at, clock)
    until = f"{ends:%H:%M}" if ends.date() == starts.date() else f"{words.day(ends)}, {ends:%H:%M}"
    return f"{words.day(starts)}, {starts:%H:%M} to {until} ({place})"


def moment(one: CalendarClass) -> str:
    """Tuesday 24 November 2026, 09:00."""
    starts = zones.wall_of(one.starts_at, zones.load(one.zone))
    return f"{words.day(starts)}, {starts:%H:%M}"


def times(label: str, one: CalendarClass, reader: str | None) -> list[tuple[str, str]]:
    """When a class is: in its own zone and, where the clocks differ, in the reader's."""
    lines = [(label, span(one))]
    if reader is not None and _differs(one, reader):
        lines.append(("For you", span(one, reader)))
    return lines


def _differs(one: CalendarClass, reader: str) -> bool:
    try:
        theirs = zones.load(reader)
    except InvalidInput:
        return False  # a zone of a later database than ours, or of none
    instants = (one.starts_at, one.ends_at)
    own = zones.load(one.zone)
    return any(zones.wall_of(instant, theirs) != zones.wall_of(instant, own) for instant in instants)


def repetition(entry: CalendarEntry) -> list[tuple[str, str]]:
    """How a series goes on, from its first class that is left."""
    if entry.rule is None or len(entry.classes) < 2:
        return []
    count = f"{len(entry.classes)} classes"
    found = recurrence_of(entry)
    if found.rule is None:
        return [("Repeats", count)]
    said = words.of(Series(found.first, entry.zone, entry.minutes, found.rule))
    return [("Repeats", f"{said}: {count}")]


def left(entry: CalendarEntry, now: datetime) -> CalendarClass:
    """The class that a mail about a series names: the first to come, else the last."""
    return next((one for one in entry.classes if one.ends_at > now), entry.classes[-1])
