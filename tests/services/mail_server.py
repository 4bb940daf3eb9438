"""A real mail server (aiosmtpd) in the test's own loop, which keeps what it takes and refuses what the test wants refused."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

OK = "250 OK"
HANG_UP = "hang up"


@dataclass
class Mail:
    """What was taken: the envelope, the bytes, and the message as a mail program reads it."""

    sender: str
    recipient: str
    raw: bytes
    encrypted: bool
    signed_in: bool

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=SMTP_POLICY)


@dataclass
class MailServer:
    """`answers` are taken one by one for each recipient and each mail; when there are none left, all is well."""

    port: int = 0
    mails: list[Mail] = field(default_factory=list)
    recipient_answers: list[str] = field(default_factory=list)
    mail_answers: list[str] = field(default_factory=list)
    refused: dict[str, str] = field(default_factory=dict)
    """By recipient, as often as they are named."""
    dropped: list[Mail] = field(default_factory=list)
    """Taken, and the line cut before the answer could be read."""
    lines: list[SMTP] = field(default_factory=list)
    _news: asyncio.Event = field(default_factory=asyncio.Event)

    async def next(self) -> None:
        """Returns when another mail was taken."""
        self._news.clear()
        await self._news.wait()

    @property
    def connections(self) -> int:
        """How many there have been."""
        return len(self.lines)

    def hang_up(self) -> None:
        """On everybody."""
        for line in self.lines:
            _cut(line)

    def to(self, address: str) -> list[Mail]:
        return [mail for mail in self.mails if mail.recipient.lower() == address.lower()]

    async def handle_RCPT(  # noqa: N802  # aiosmtpd calls it by this name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        answer = self.recipient_answers.pop(0) if self.recipient_answers else self.refused.get(address, OK)
        if answer == HANG_UP:
            _cut(server)
        if answer.startswith("2"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(  # noqa: N802  # as above
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        mail = Mail(
            sender=str(envelope.mail_from),
            recipient=str(envelope.rcpt_tos[0]),
            raw=cast("bytes", envelope.content),
            encrypted=_is_encrypted(server),
            signed_in=bool(session.authenticated),
        )
        answer = self.mail_answers.pop(0) if self.mail_answers else OK
        if answer == HANG_UP:
            self.dropped.append(mail)
            _cut(server)
        elif answer.startswith("2"):
            self.mails.append(mail)
            self._news.set()
        return answer


def _is_encrypted(server: SMTP) -> bool:
    return server.transport is not None and server.transport.get_extra_info("sslcontext") is not None


def _cut(server: SMTP) -> None:
    if isinstance(server.transport, asyncio.WriteTransport):
        server.transport.abort()


@asynccontextmanager
async def mail_server(
    *,
    tls: ssl.SSLContext | None = None,
    starttls: ssl.SSLContext | None = None,
    user: tuple[str, str] | None = None,
    port: int = 0,
    **options: Any,
) -> AsyncIterator[MailServer]:
    """`tls` from the first byte on, `starttls` when asked for. With `user`, nobody else may send."""
    kept = MailServer()

    def authenticate(
        _server: SMTP, _session: Session, _envelope: Envelope, mechanism: str, data: Any
    ) -> AuthResult:
        good = isinstance(data, LoginPassword) and (data.login.decode(), data.password.decode()) == user
        return AuthResult(success=good, handled=good or mechanism not in {"PLAIN", "LOGIN"})

    def protocol() -> SMTP:
        line = SMTP(
            kept,
            hostname="mail.test",
            enable_SMTPUTF8=True,
            tls_context=starttls,
            authenticator=authenticate if user is not None else None,
            auth_required=user is not None and starttls is not None,
            auth_require_tls=starttls is not None,
            **options,
        )
        kept.lines.append(line)
        return line

    server = await asyncio.get_running_loop().create_server(protocol, "127.0.0.1", port, ssl=tls)
    kept.port = server.sockets[0].getsockname()[1]
    try:
        yield kept
    finally:
        server.close()


@dataclass(frozen=True)
class Authority:
    """One that signs certificates of mail servers; `file` is what a client has to trust."""

    file: Path
    context_for: Callable[[str], ssl.SSLContext]

    def trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.file))


def authority(folder: Path) -> Authority:
    folder.mkdir(parents=True, exist_ok=True)
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Test authority")])
    now = datetime.now(UTC)

    def signed(
        subject: x509.Name, public: ec.EllipticCurvePublicKey, *extensions: x509.ExtensionType
    ) -> x509.Certificate:
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(name)
            .public_key(public)
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(key.public_key()), critical=False
            )
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=isinstance(extension, x509.BasicConstraints))
        return builder.sign(key, hashes.SHA256())

    own = signed(
        name,
        key.public_key(),
        x509.BasicConstraints(ca=True, path_length=0),
        x509.SubjectKeyIdentifier.from_public_key(key.public_key()),
    )
    file = folder / "authority.pem"
    file.write_bytes(own.public_bytes(Encoding.PEM))

    def context_for(host: str) -> ssl.SSLContext:
        server_key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
        alternative: x509.GeneralName = (
            x509.IPAddress(IPv4Address(host)) if host[0].isdigit() else x509.DNSName(host)
        )
        certificate = signed(subject, server_key.public_key(), x509.SubjectAlternativeName([alternative]))
        chain = folder / f"{host}.pem"
        pem = server_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        chain.write_bytes(pem + certificate.public_bytes(Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain)
        return context

    return Authority(file, context_for)
