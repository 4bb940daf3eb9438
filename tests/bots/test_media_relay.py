"""A call that has no way but the relay: server, credentials, generated coturn configuration and bots together."""

from ipaddress import ip_network
from pathlib import Path

import pytest

from bots import Bot
from tests.bots.media_files import pitch, write_webm
from tests.bots.test_media import first, hear
from tests.conftest import StartHomeroom
from tests.services.coturn import SECRET, CoturnServer


async def test_two_bots_hear_each_other_through_the_relay_alone(
    start_homeroom: StartHomeroom, tmp_path: Path
) -> None:
    intro = write_webm(tmp_path / "intro.webm", seconds=3, picture=False)
    async with CoturnServer(tmp_path / "turn", allow_peers=(ip_network("127.0.0.1"),)) as coturn:
        turn = {"HOMEROOM_TURN_URLS": coturn.url, "HOMEROOM_TURN_SECRET": SECRET}
        server = await start_homeroom(environment=turn)
        tokens = [server.token(user, role="instructor", rooms={"demo": "owner"}) for user in ("ada", "bob")]
        async with Bot(server.url, tokens[0]) as ada, Bot(server.url, tokens[1]) as bob:
            hers = await (await ada.join("demo")).join_call(relay_only=True)
            his = await (await bob.join("demo")).join_call(relay_only=True)
            await hers.play(intro, loop=True)
            assert pitch(await hear(await first(his, "audio"))) == pytest.approx(440, abs=10)
            await hers.leave()
            await his.leave()
