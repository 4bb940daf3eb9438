"""The addresses of the mail server and of the sender, as settings give them.

Parsers raise ValueError with the end of a sentence that begins with the setting's name, and never repeat what they were given.
"""

import re
from dataclasses import dataclass, field
from email.utils import getaddresses
from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

from meetings.calendar.mailbox import Mailbox

_PORTS = {"smtp": 25, "smtps": 465}
_SUBMISSION = 587
_ADDRESS = re.compile(r'[^@\s,;<>"]{1,64}@[^@\s,;<>"]{1,190}')


@dataclass(frozen=True)
class MailServer:
    """Where mail is handed over. `tls`: from the first byte on; otherwise by STARTTLS where the server offers it."""

    host: str
    port: int
    tls: bool
    username: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def is_here(self) -> bool:
        """Whether it is on this machine, where nobody listens on the way."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return False


def parse_mail_server(value: str) -> MailServer:
    """smtp://user:password@host:port, or smtps://. User and password may hold anything, percent-encoded.

    Without a port it is 465 for smtps://; for smtp:// 587 with a user, where servers take mail from people, else 25.
    """
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError:
        raise ValueError("must be an address such as smtps://user:password@mail.school.example") from None
    if parts.scheme not in _PORTS or not parts.hostname:
        raise ValueError("must begin with smtp:// or smtps:// and name a server")
    if parts.path not in {"", "/"} or parts.query or parts.fragment:
        raise ValueError("must end with the server's name or its port")
    username = unquote(parts.username) if parts.username else None
    password = unquote(parts.password) if parts.password else None
    if (username is None) != (password is None):
        raise ValueError("must have both a user and a password, or neither")
    default = _SUBMISSION if parts.scheme == "smtp" and username else _PORTS[parts.scheme]
    return MailServer(parts.hostname, port or default, parts.scheme == "smtps", username, password)


def parse_sender(value: str) -> Mailbox:
    """`Name <address>`, or an address alone."""
    found = getaddresses([value])
    name, address = found[0] if len(found) == 1 else ("", "")
    if _ADDRESS.fullmatch(address) is None or not value.isprintable():
        raise ValueError("must be an address such as Homeroom <homeroom@school.example>")
    return Mailbox(address, name)
