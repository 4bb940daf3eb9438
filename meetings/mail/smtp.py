"""Handing mails to the mail server, over a few connections that are kept for a little while."""

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import aiosmtplib
from aiosmtplib import SMTP

from meetings.mail.settings import MailServer

_AT_ONCE = 4
_STEP_SECONDS = 20.0
"""Of one answer of the server; RFC 5321 section 4.5.3.2 would have us wait for minutes, but the job is tried again."""

_IDLE_SECONDS = 15.0
_PER_CONNECTION = 50
"""Mails; many servers end a connection soon after."""


class Undelivered(Exception):
    """The server did not take a mail. `final`: nor will it later (RFC 5321 section 4.2.1, 5yz). `unsure`: it may have taken
    it, and the answer got lost.

    `message` is for staff: it names nobody's address and holds nothing of what the server said beside its code.
    """

    def __init__(self, message: str, *, final: bool, unsure: bool = False) -> None:
        self.message = message
        self.final = final
        self.unsure = unsure
        super().__init__(message)


@dataclass
class _Line:
    client: SMTP
    sent: int
    used: float


class Postman:
    """Knows the one mail server. `context` verifies its certificate, by default against the machine's authorities."""

    def __init__(
        self,
        server: MailServer,
        monotonic: Callable[[], float],
        *,
        context: ssl.SSLContext | None = None,
        hostname: str | None = None,
        step_seconds: float = _STEP_SECONDS,
    ) -> None:
        self._server = server
        self._monotonic = monotonic
        self._context = context
        self._hostname = hostname
        self._step_seconds = step_seconds
        self._places = asyncio.Semaphore(_AT_ONCE)
        self._idle: list[_Line] = []
        self._sweeping: asyncio.TimerHandle | None = None
        self._closings: set[asyncio.Task[None]] = set()

    async def send(self, sender: str, recipient: str, message: bytes) -> None:
        """Returns once the server has taken responsibility for the mail (RFC 5321 section 4.1.1.4).

        Raises:
            Undelivered: it has not, or has not said so.
        """
        async with self._places:
            line = await self._line()
            try:
                await self._hand_over(line.client, sender, recipient, message)
            except Undelivered:
                await self._put_back(line)
                raise
            except aiosmtplib.SMTPResponseException as error:
                await self._put_back(line)
                raise refused("the mail", error.code) from None
            except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
                line.client.close()
                raise Undelivered(_lost(error), final=False) from None
            except BaseException:
                line.client.close()  # in the middle of a mail nothing else can be said on it
                raise
            await self._put_back(line)

    async def close(self) -> None:
        if self._sweeping is not None:
            self._sweeping.cancel()
        idle, self._idle = self._idle, []
        for line in idle:
            await _quit(line.client)
        await asyncio.gather(*self._closings, return_exceptions=True)

    async def _hand_over(self, client: SMTP, sender: str, recipient: str, message: bytes) -> None:
        wide = not (sender.isascii() and recipient.isascii())
        if wide and not client.supports_extension("smtputf8"):
            raise Undelivered(
                "The mail server cannot send to addresses in other scripts (it lacks SMTPUTF8).", final=True
            )
        options = ["SMTPUTF8", "BODY=8BITMIME"] if wide else []
        encoding = "utf-8" if wide else "ascii"
        try:
            await client.mail(sender, options=options, encoding=encoding)
            await client.rcpt(recipient, encoding=encoding)
        except aiosmtplib.SMTPResponseException as error:
            with suppress(aiosmtplib.SMTPException):
                await client.rset()
            raise refused(
                "its sender" if isinstance(error, aiosmtplib.SMTPSenderRefused) else "its recipient",
                error.code,
            ) from None
        try:
            await client.data(message)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPTimeoutError, OSError) as error:
            client.close()
            raise Undelivered(_lost(error), final=False, unsure=True) from None

    async def _line(self) -> _Line:
        """One that was used a moment ago and still answers, or a new one."""
        while self._idle:
            line = self._idle.pop()
            try:
                if self._monotonic() - line.used < _IDLE_SECONDS and line.client.is_connected:
                    await line.client.noop()
                    return line
            except (aiosmtplib.SMTPException, OSError, TimeoutError):
                pass  # the server has hung up meanwhile, as it may
            line.client.close()
        return _Line(await self._connected(), 0, self._monotonic())

    async def _connected(self) -> SMTP:
        server = self._server
        client = SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.tls,
            start_tls=False if server.tls else None,
            tls_context=self._context or ssl.create_default_context(),
            local_hostname=self._hostname,
            timeout=self._step_seconds,
        )
        try:
            await client.connect()
            await self._sign_in(client)
        except Undelivered:
            client.close()
            raise
        except (aiosmtplib.SMTPException, OSError, ssl.SSLError, TimeoutError) as error:
            client.close()
            raise Undelivered(_not_connected(error), final=False) from None
        return client

    async def _sign_in(self, client: SMTP) -> None:
        server = self._server
        if server.username is None or server.password is None:
            return
        if not (server.is_here or _is_private(client)):
            raise Undelivered(
                "The mail server offers no TLS, so the password was not sent: use smtps:// or a server with STARTTLS.",
                final=False,
            )
        await client.login(server.username, server.password)

    async def _put_back(self, line: _Line) -> None:
        line.sent += 1
        if not line.client.is_connected:
            return
        if line.sent >= _PER_CONNECTION:
            await _quit(line.client)
            return
        line.used = self._monotonic()
        self._idle.append(line)
        if self._sweeping is None:
            self._sweeping = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._sweep)

    def _sweep(self) -> None:
        self._sweeping = None
        idle, self._idle = self._idle, []
        for line in idle:
            task = asyncio.get_running_loop().create_task(_quit(line.client))
            self._closings.add(task)
            task.add_done_callback(self._closings.discard)


def refused(what: str, code: int) -> Undelivered:
    """From the answer's code: 4yz means later, 5yz never."""
    return Undelivered(f"The mail server refuses {what} ({code}).", final=code >= 500)


def _not_connected(error: BaseException) -> str:
    """Whatever it is, somebody may mend it: the mail waits."""
    if isinstance(error, aiosmtplib.SMTPAuthenticationError):
        return f"The mail server does not accept the user or password of HOMEROOM_SMTP_URL ({error.code})."
    if isinstance(error, aiosmtplib.SMTPNotSupported):
        return "The mail server lets nobody sign in: leave user and password out of HOMEROOM_SMTP_URL."
    if isinstance(error, aiosmtplib.SMTPResponseException):
        return f"The mail server takes no mail just now ({error.code})."
    return _lost(error)


def _lost(error: BaseException) -> str:
    reason = error.__cause__ or error
    if isinstance(reason, ssl.SSLCertVerificationError) or "certificate verify failed" in str(error).lower():
        return "The mail server's certificate is not one that this machine trusts."
    if isinstance(error, TimeoutError | aiosmtplib.SMTPTimeoutError):
        return "The mail server did not answer in time."
    return "The mail server cannot be reached, or hung up."


def _is_private(client: SMTP) -> bool:
    transport = client.transport
    return transport is not None and transport.get_extra_info("sslcontext") is not None


async def _quit(client: SMTP) -> None:
    try:
        async with asyncio.timeout(2):
            await client.quit()
    except (aiosmtplib.SMTPException, OSError, TimeoutError):
        client.close()
