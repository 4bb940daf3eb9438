"""A mail as bytes (RFC 5322, RFC 6047): plain text and HTML, and for calendars the object that they act on."""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime

from meetings.calendar.events import plain
from meetings.calendar.mailbox import Mailbox
from meetings.calendar.text import Method

_DOMAIN = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.-]{0,252}[A-Za-z0-9])?|\[[0-9A-Fa-f.:IPv]{3,60}\]")
_FILES = {Method.REQUEST: "invite.ics", Method.CANCEL: "cancelled.ics", Method.PUBLISH: "class.ics"}


@dataclass(frozen=True)
class Letter:
    """What somebody is to get. `id` is the same each time that the same letter is sent: see `letter_id`."""

    id: str
    to: Mailbox
    subject: str
    text: str
    html: str
    method: Method | None = None
    calendar: str = ""


def letter_id(what: str, *about: object) -> str:
    """The left side of a Message-ID, from what the letter is about: mailboxes and people recognise one that came twice."""
    digest = hashlib.sha256("\x00".join((what, *(str(one) for one in about))).encode()).hexdigest()
    return f"{what}.{digest[:40]}"


def as_bytes(letter: Letter, sender: Mailbox, now: datetime) -> bytes:
    """multipart/mixed of the alternatives and, for those programs that look at files alone, the calendar once more.

    Raises ValueError for an address that no mail can be sent to.
    """
    narrow = routable(letter.to.address).isascii() and routable(sender.address).isascii()
    message = EmailMessage(policy=SMTP if narrow else SMTPUTF8)
    message["From"] = _header(sender)
    message["To"] = _header(letter.to)
    message["Subject"] = plain(letter.subject)
    message["Date"] = format_datetime(now)
    message["Message-ID"] = f"<{letter.id}@{routable(sender.address).rpartition('@')[2]}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence is told to it
    message["X-Auto-Response-Suppress"] = "All"
    message.set_content(letter.text, cte="quoted-printable")
    message.add_alternative(letter.html, subtype="html", cte="quoted-printable")
    if letter.method is not None:
        _add_calendar(message, letter, letter.method)
    # some programs read the parameter only without quotes; in bodies, which are encoded, this cannot stand
    return message.as_bytes().replace(
        f'method="{letter.method}"'.encode(), f"method={letter.method}".encode()
    )


def _add_calendar(message: EmailMessage, letter: Letter, method: Method) -> None:
    """text/calendar as the last alternative, its `method` the same as inside (RFC 6047 section 2.4)."""
    part = EmailMessage(policy=SMTP)
    part.set_content(letter.calendar, subtype="calendar", cte="base64")
    part.replace_header("Content-Type", f"text/calendar; charset=utf-8; method={method.value}")
    message.attach(part)
    message.add_attachment(
        letter.calendar.encode(), maintype="application", subtype="ics", filename=_FILES[method]
    )
    message["Content-Class"] = "urn:content-classes:calendarmessage"


def routable(address: str) -> str:
    """The address with its domain as the DNS has it (RFC 5890), so that only what is before the @ may need SMTPUTF8.

    Raises ValueError for a domain that there cannot be.
    """
    user, _, domain = address.rpartition("@")
    if _DOMAIN.fullmatch(domain) is None:
        domain = domain.encode("idna").decode()
        if _DOMAIN.fullmatch(domain) is None:
            raise ValueError("not a domain")
    return f"{user}@{domain}"


def _header(mailbox: Mailbox) -> Address:
    user, _, domain = routable(mailbox.address).rpartition("@")
    return Address(plain(mailbox.name), user, domain)
