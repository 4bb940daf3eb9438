"""Handing mails over, to a real server: in the clear on this machine, by STARTTLS, by TLS, with a user, and refused."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from contract.clock import SystemClock
from meetings.mail.settings import MailServer as Address
from meetings.mail.settings import parse_mail_server, parse_sender
from meetings.mail.smtp import Postman, Undelivered
from tests.services.mail_server import HANG_UP, MailServer, authority, mail_server

MESSAGE = b"Subject: Hello\r\n\r\nGood day.\r\n.\r\nDots stay.\r\n"


@asynccontextmanager
async def postman(
    url: str, context: ssl.SSLContext | None = None, step_seconds: float = 5.0
) -> AsyncIterator[Callable[[str], "asyncio.Task[None]"]]:
    """A function that sends to somebody."""
    man = Postman(
        parse_mail_server(url),
        SystemClock().monotonic,
        context=context,
        hostname="school.test",
        step_seconds=step_seconds,
    )
    try:
        yield lambda to: asyncio.ensure_future(man.send("homeroom@school.test", to, MESSAGE))
    finally:
        await man.close()


def at(server: MailServer, user: str = "") -> str:
    return f"smtp://{user}127.0.0.1:{server.port}"


async def refusal(sending: "asyncio.Task[None]") -> Undelivered:
    with pytest.raises(Undelivered) as caught:
        await sending
    return caught.value


async def test_a_mail_arrives_as_it_was_written() -> None:
    async with mail_server() as server, postman(at(server)) as send:
        await send("ana@a.test")
    (mail,) = server.mails
    assert (mail.sender, mail.recipient) == ("homeroom@school.test", "ana@a.test")
    assert mail.raw.endswith(b"Good day.\r\n.\r\nDots stay.\r\n")


async def test_many_mails_go_over_few_connections() -> None:
    async with mail_server() as server, postman(at(server)) as send:
        await asyncio.gather(*(send(f"p{number}@a.test") for number in range(30)))
    assert len(server.mails) == 30
    assert server.connections <= 4


async def test_starttls_is_used_where_it_is_offered(tmp_path: Path) -> None:
    signer = authority(tmp_path)
    offered = signer.context_for("127.0.0.1")
    trusted = signer.trusted()
    async with mail_server(starttls=offered) as server, postman(at(server), trusted) as send:
        await send("ana@a.test")
    assert [mail.encrypted for mail in server.mails] == [True]


async def test_a_user_signs_in_with_whatever_stands_in_the_password(tmp_path: Path) -> None:
    signer = authority(tmp_path)
    async with mail_server(tls=signer.context_for("127.0.0.1"), user=("ada@x", "p:/@ %é")) as server:
        url = f"smtps://ada%40x:p%3A%2F%40%20%25%C3%A9@127.0.0.1:{server.port}"
        async with postman(url, signer.trusted()) as send:
            await send("ana@a.test")
    assert [(mail.encrypted, mail.signed_in) for mail in server.mails] == [(True, True)]


async def test_a_wrong_password_is_told_and_may_be_mended(tmp_path: Path) -> None:
    async with mail_server(user=("ada", "right")) as server, postman(at(server, "ada:wrong@")) as send:
        error = await refusal(send("ana@a.test"))
    assert not error.final
    assert "HOMEROOM_SMTP_URL" in error.message
    assert "wrong" not in error.message


@pytest.mark.parametrize("way", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_is_not_trusted(tmp_path: Path, way: str) -> None:
    context = authority(tmp_path).context_for("127.0.0.1")
    async with (
        mail_server(
            tls=context if way == "tls" else None, starttls=context if way == "starttls" else None
        ) as server,
        postman(f"{'smtps' if way == 'tls' else 'smtp'}://127.0.0.1:{server.port}") as send,
    ):
        error = await refusal(send("ana@a.test"))
    assert (error.final, server.mails) == (False, [])
    assert "certificate" in error.message


async def test_a_certificate_of_another_server_is_not_trusted(tmp_path: Path) -> None:
    signer = authority(tmp_path)
    theirs, trusted = signer.context_for("mail.other.test"), signer.trusted()
    async with (
        mail_server(tls=theirs) as server,
        postman(f"smtps://127.0.0.1:{server.port}", trusted) as send,
    ):
        error = await refusal(send("ana@a.test"))
    assert "certificate" in error.message
    assert not server.mails


async def test_a_password_does_not_leave_this_machine_in_the_clear(monkeypatch: pytest.MonkeyPatch) -> None:
    async with mail_server(user=("ada", "right")) as server:
        monkeypatch.setattr(Address, "is_here", property(lambda _self: False))
        async with postman(f"smtp://ada:right@127.0.0.1:{server.port}") as send:
            error = await refusal(send("ana@a.test"))
    assert "TLS" in error.message
    assert not server.mails


@pytest.mark.parametrize(
    ("answer", "final"),
    [("450 busy", False), ("421 going down", False), ("452 full", False), ("550 no such user", True)],
)
async def test_what_the_server_says_of_a_recipient_decides(answer: str, final: bool) -> None:
    async with mail_server() as server, postman(at(server)) as send:
        server.recipient_answers = [answer]
        error = await refusal(send("ana@a.test"))
        await send("ben@a.test")
    assert (error.final, answer[:3] in error.message) == (final, True)
    assert "ana" not in error.message
    assert [mail.recipient for mail in server.mails] == ["ben@a.test"]


@pytest.mark.parametrize(("answer", "final"), [("451 later", False), ("554 it looks like spam", True)])
async def test_what_the_server_says_of_a_mail_decides(answer: str, final: bool) -> None:
    async with mail_server() as server, postman(at(server)) as send:
        server.mail_answers = [answer]
        error = await refusal(send("ana@a.test"))
        await send("ben@a.test")
    assert error.final is final
    assert [mail.recipient for mail in server.mails] == ["ben@a.test"]


@pytest.mark.parametrize("where", ["recipient_answers", "mail_answers"])
async def test_a_line_that_breaks_is_no_refusal(where: str) -> None:
    async with mail_server() as server, postman(at(server)) as send:
        setattr(server, where, [HANG_UP])
        error = await refusal(send("ana@a.test"))
        await send("ben@a.test")
    assert not error.final
    assert [mail.recipient for mail in server.mails] == ["ben@a.test"]


async def test_a_connection_that_the_server_closed_meanwhile_is_replaced() -> None:
    async with mail_server() as server, postman(at(server)) as send:
        await send("ana@a.test")
        server.hang_up()
        await send("ben@a.test")
    assert [mail.recipient for mail in server.mails] == ["ana@a.test", "ben@a.test"]
    assert server.connections == 2


async def test_a_server_that_says_nothing_is_given_up() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    server = await asyncio.start_server(silent, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with postman(f"smtp://127.0.0.1:{port}", step_seconds=0.1) as send:
        error = await refusal(send("ana@a.test"))
    server.close()
    assert (error.final, "in time" in error.message) == (False, True)


async def test_no_server_at_all() -> None:
    async with mail_server() as gone:
        port = gone.port
    async with postman(f"smtp://127.0.0.1:{port}") as send:
        assert not (await refusal(send("ana@a.test"))).final


async def test_an_address_in_another_script_is_written_as_it_is() -> None:
    async with mail_server() as server, postman(at(server)) as send:
        await send("अदा@a.test")
    assert [mail.recipient for mail in server.mails] == ["अदा@a.test"]


GOOD = {
    "smtp://mail.test": Address("mail.test", 25, tls=False),
    "smtp://u:p@mail.test": Address("mail.test", 587, tls=False, username="u", password="p"),
    "smtps://u:p@mail.test": Address("mail.test", 465, tls=True, username="u", password="p"),
    "smtps://u:p@mail.test:2465/": Address("mail.test", 2465, tls=True, username="u", password="p"),
    "smtp://a%40b:%3A%2F@[::1]:25": Address("::1", 25, tls=False, username="a@b", password=":/"),
}


@pytest.mark.parametrize("url", GOOD)
def test_an_address_of_a_server_is_read(url: str) -> None:
    assert parse_mail_server(url) == GOOD[url]


@pytest.mark.parametrize(
    "url",
    [
        "mail.test",
        "https://mail.test",
        "smtp://",
        "smtp://u@mail.test",
        "smtp://m:x",
        "smtp://m/path",
        "smtp://m?x=secret",
    ],
)
def test_what_is_no_address_of_a_server_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(ValueError, match="must") as caught:
        parse_mail_server(url)
    assert "secret" not in str(caught.value)


def test_a_sender_may_have_a_name() -> None:
    assert parse_sender("Homeroom, Math <h@school.test>".replace(",", "")).address == "h@school.test"
    assert parse_sender('"Homeroom, Math" <h@school.test>').name == "Homeroom, Math"
    assert parse_sender("h@school.test").name == ""
    for wrong in ("Homeroom", "h@", "a@b, c@d", "x\r\nBcc: y@z"):
        with pytest.raises(ValueError, match="must be an address"):
            parse_sender(wrong)


def test_the_password_is_not_in_what_is_printed() -> None:
    assert "p" * 20 not in repr(parse_mail_server(f"smtps://u:{'p' * 20}@mail.test"))


def test_the_server_of_tests_keeps_mails_apart() -> None:
    assert MailServer().to("ana@a.test") == []
