"""A real coturn with the generated configuration: it relays calls, and refuses everything else that a TURN server can be
abused for. Where a version of coturn is known to be fooled, the firewall rules beside the configuration are checked as well.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable
from contextlib import AsyncExitStack
from ipaddress import ip_network
from pathlib import Path

import pytest

from signaling.ice import IceSettings, turn_credential, turn_username
from signaling.turn_config import firewall_rules
from tests.services.coturn import SECRET, CoturnServer
from tests.signaling.turn_client import TCP, UDP, Attribute, Refused, TurnClient, machine_has

pytestmark = pytest.mark.services

FORBIDDEN, UNAUTHORIZED, QUOTA_REACHED, FAMILY, TRANSPORT = 403, 401, 486, 440, 442

INSIDE = [
    "127.0.0.1",
    "127.8.8.8",
    "0.0.0.0",
    "0.0.0.1",
    "10.0.0.1",
    "100.64.0.1",
    "100.100.100.200",
    "168.63.129.16",
    "169.254.169.254",
    "172.16.0.1",
    "192.0.0.192",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.251",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
]
INSIDE_6 = [
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:0.0.0.0",
    "::ffff:10.0.0.1",
    "::ffff:169.254.169.254",
    "::ffff:192.168.1.1",
    "::ffff:8.8.8.8",
    "::ffff:0:127.0.0.1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::a00:1",
    "2001:0:7f00:1::",
    "2002:7f00:1::",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC, PUBLIC_6 = "8.8.8.8", "2606:4700::1111"
"""Nothing is sent there: a permission alone sends no packet."""


def credentials(user: str = "ada", seconds: int = 600) -> tuple[str, str]:
    username = turn_username(user, int(time.time()) + seconds)
    return username, turn_credential(SECRET, username)


@pytest.fixture
async def coturn(tmp_path: Path) -> AsyncIterator[CoturnServer]:
    async with CoturnServer(tmp_path) as server:
        yield server


def client(server: CoturnServer, *given: str) -> TurnClient:
    return TurnClient(server.host, server.port, *(given or credentials()))


async def refusal(server: CoturnServer, *given: str) -> int | None:
    """The number of the error that an allocation with these credentials gets; None when it gets none."""
    async with client(server, *given) as stranger:
        return await _code(stranger.allocate())


async def test_two_people_reach_each_other_through_their_relays(tmp_path: Path) -> None:
    async with (
        CoturnServer(tmp_path, allow_peers=(ip_network("127.0.0.1"),)) as coturn,
        client(coturn, *credentials("ada")) as ada,
        client(coturn, *credentials("bob")) as bob,
    ):
        await ada.allocate()
        await bob.allocate()
        await ada.permit("127.0.0.1")
        await bob.permit("127.0.0.1")
        ada.send(bob.relayed, b"hello")
        assert await bob.receive() == (ada.relayed, b"hello")
        bob.send(ada.relayed, b"hello yourself")
        assert await ada.receive() == (bob.relayed, b"hello yourself")
        with pytest.raises(Refused) as refused:
            await ada.permit("127.0.0.2")
        assert refused.value.code == FORBIDDEN


async def test_what_comes_without_a_permission_is_not_relayed(tmp_path: Path) -> None:
    async with (
        CoturnServer(tmp_path, allow_peers=(ip_network("127.0.0.1"),)) as coturn,
        client(coturn, *credentials("ada")) as ada,
        client(coturn, *credentials("bob")) as bob,
    ):
        await ada.allocate()
        await bob.allocate()
        await bob.permit("127.0.0.1")
        ada.send(bob.relayed, b"uninvited")
        await ada.permit("127.0.0.1")
        ada.send(bob.relayed, b"invited")
        assert (await bob.receive())[1] == b"invited"


async def test_the_credentials_of_a_joined_call_are_accepted(coturn: CoturnServer) -> None:
    settings = IceSettings(turn_urls=(coturn.url,), turn_secret=SECRET)
    assert settings.turn_secret is not None
    async with client(coturn, *credentials("ünïcode/user:with odd name")) as odd:
        host, port = await odd.allocate()
    assert host == coturn.host
    assert coturn.server.min_port <= port <= coturn.server.max_port


async def test_no_address_that_leads_inside_gets_a_permission(coturn: CoturnServer) -> None:
    async with client(coturn) as abuser:
        await abuser.allocate()
        await abuser.permit(PUBLIC)
        assert await _not_refused(abuser, INSIDE) == []


async def test_no_disguise_of_an_address_gets_a_permission(tmp_path: Path) -> None:
    """Version 4.6.1 refuses mapped addresses only because their range itself is denied (CVE-2026-27624)."""
    if not machine_has("::1"):
        async with CoturnServer(tmp_path) as coturn:
            assert await _family_refusal(coturn) == FAMILY
        return
    async with CoturnServer(tmp_path, listening_ips=("::1",)) as coturn, client(coturn) as abuser:
        await abuser.allocate(UDP, 6)
        await abuser.permit(PUBLIC_6)
        assert await _not_refused(abuser, INSIDE_6) == []
    rules = firewall_rules(coturn.server)
    assert all(network in rules for network in ("127.0.0.0/8", "::ffff:0:0/96", "169.254.0.0/16"))


async def test_a_server_that_listens_on_ipv4_relays_no_ipv6(coturn: CoturnServer) -> None:
    assert await _family_refusal(coturn) == FAMILY


async def test_its_own_public_address_gets_no_permission(tmp_path: Path) -> None:
    async with (
        CoturnServer(tmp_path, external_ips=("5.9.0.10/127.0.0.1",)) as coturn,
        client(coturn) as abuser,
    ):
        assert (await abuser.allocate())[0] == "5.9.0.10"
        assert await _not_refused(abuser, ["5.9.0.10"]) == []
        await abuser.permit("5.9.0.11")


async def test_tcp_is_not_relayed(coturn: CoturnServer) -> None:
    async with client(coturn) as abuser:
        with pytest.raises(Refused) as refused:
            await abuser.allocate(TCP)
        assert refused.value.code == TRANSPORT
    async with client(coturn) as abuser:
        await abuser.allocate()
        with pytest.raises(Refused):
            await abuser.connect((PUBLIC, 80))


async def test_expired_credentials_are_refused(coturn: CoturnServer) -> None:
    assert await refusal(coturn, *credentials(seconds=-2)) == UNAUTHORIZED


async def test_credentials_that_worked_stop_working_when_they_run_out(coturn: CoturnServer) -> None:
    """An allocation that exists goes on as long as it is refreshed, so that nobody falls out of a call; no new one is made."""
    given = credentials(seconds=2)
    assert await refusal(coturn, *given) is None
    while time.time() <= int(given[0].partition(":")[0]) + 1:
        await asyncio.sleep(0.1)
    assert await refusal(coturn, *given) == UNAUTHORIZED


async def test_nobody_gets_in_with_another_persons_credential(coturn: CoturnServer) -> None:
    username, credential = credentials("ada")
    assert await refusal(coturn, username.replace("ada", "eve"), credential) == UNAUTHORIZED


async def test_credentials_cannot_be_made_to_last_longer(coturn: CoturnServer) -> None:
    username, credential = credentials("ada")
    expires, _, user = username.partition(":")
    assert await refusal(coturn, f"{int(expires) + 1}:{user}", credential) == UNAUTHORIZED
    assert await refusal(coturn, user, credential) == UNAUTHORIZED


async def test_a_credential_of_another_secret_is_refused(coturn: CoturnServer) -> None:
    username, _ = credentials()
    assert await refusal(coturn, username, turn_credential(SECRET + "x", username)) == UNAUTHORIZED
    assert await refusal(coturn, username, "") == UNAUTHORIZED


async def test_somebody_elses_allocation_cannot_be_used(coturn: CoturnServer) -> None:
    async with client(coturn, *credentials("ada")) as ada:
        await ada.allocate()
        ada.username, ada.password = credentials("eve")
        with pytest.raises(Refused) as refused:
            await ada.permit(PUBLIC)
        assert refused.value.code == 441  # Wrong Credentials (RFC 8656 section 7.2)


async def test_one_person_has_a_quota_whatever_the_credentials(tmp_path: Path) -> None:
    async with CoturnServer(tmp_path, max_peers=1) as coturn, AsyncExitStack() as held:
        for number in range(6):
            one = await held.enter_async_context(client(coturn, *credentials("ada", 600 + number)))
            await one.allocate()
        assert await refusal(coturn, *credentials("ada", 900)) == QUOTA_REACHED
        bob = await held.enter_async_context(client(coturn, *credentials("bob")))
        await bob.allocate()


async def test_all_together_have_a_quota(tmp_path: Path) -> None:
    async with CoturnServer(tmp_path, total_quota=3) as coturn, AsyncExitStack() as held:
        for number in range(3):
            one = await held.enter_async_context(client(coturn, *credentials(f"user-{number}")))
            await one.allocate()
        assert await refusal(coturn, *credentials("one-too-many")) == QUOTA_REACHED


async def test_it_does_not_say_what_it_is(coturn: CoturnServer) -> None:
    async with client(coturn) as curious:
        answer = await curious.bind()
    assert Attribute.SOFTWARE not in answer.attributes


async def _not_refused(abuser: TurnClient, hosts: list[str]) -> list[str]:
    """Which hosts got a permission or a channel; a channel is another way to a permission (RFC 8656 section 12)."""
    codes = {}
    for number, host in enumerate(hosts):
        by_permission = await _code(abuser.permit(host))
        codes[host] = {by_permission, await _code(abuser.bind_channel((host, 80), 0x4000 + number))}
    return [host for host, seen in codes.items() if seen != {FORBIDDEN}]


async def _code(attempt: Awaitable[object]) -> int | None:
    """The number of the error, or None where there was none."""
    try:
        await attempt
    except Refused as refused:
        return refused.code
    return None


async def _family_refusal(server: CoturnServer) -> int | None:
    async with client(server) as somebody:
        return await _code(somebody.allocate(UDP, 6))
