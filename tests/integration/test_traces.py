"""What a node leaves behind: no word of anybody in its logs and metrics, and nothing of who has gone."""

import asyncio
from pathlib import Path

import aiohttp

from tests.integration.people import Rest, School, eventually, fresh, metric
from tests.integration.raw import raw_socket
from tests.services.homeroom import HomeroomServer

_CANARY = "canary7f3a"


async def test_no_text_no_token_and_no_name_stands_in_logs_or_metrics(tmp_path: Path) -> None:
    settings = {"HOMEROOM_LOG_LEVEL": "debug"}
    async with HomeroomServer(tmp_path, environment=settings) as server, School(server) as school:
        teacher = await school.person(role="instructor", name=f"{_CANARY} Haddad")
        room_id = await school.room(teacher, key=f"{_CANARY}-key")
        await teacher.says(room_id, f"{_CANARY} secret text")
        await teacher.refused("message:send", {"room_id": room_id, "client_id": "c", "text": _CANARY * 900})
        await teacher.refused("message:send", {"room_id": room_id, _CANARY: 1})
        await teacher.do("message:search", {"q": _CANARY})
        rest = Rest(server, teacher.token)
        await rest.call("GET", "/api/v1/search", params={"q": _CANARY})
        await rest.call("POST", f"/api/v1/rooms/{room_id}/messages", json={"text": f"{_CANARY} again"})
        await rest.call("GET", f"/api/v1/me?token={teacher.token}")
        polling = f"{server.url}/socket.io/?EIO=4&transport=polling&token={_CANARY}"
        async with aiohttp.ClientSession() as session, session.get(polling) as answer:
            await answer.read()
        for packet in ("42[" + _CANARY, f'42["{_CANARY}"', f"4{_CANARY}", f'451-["x","{_CANARY}"]'):
            async with raw_socket(server, teacher.token) as raw:
                await raw.send(packet)
                assert await raw.ended() is not None
        async with aiohttp.ClientSession() as session, session.get(f"{server.url}/metrics") as answer:
            told = await answer.text()
        assert await server.terminate() == 0
        logged = server.output()
    for place in (told, logged):
        assert _CANARY not in place
        assert teacher.token not in place
        assert teacher.token.split(".")[2] not in place
    assert teacher.user not in told
    assert room_id not in told
    assert "protocol_error" in logged


async def test_two_hundred_who_came_and_went_leave_nothing_behind(tmp_path: Path) -> None:
    async with HomeroomServer(tmp_path) as server, School(server) as school:
        teacher = await school.person(role="instructor")
        room_id = await school.room(teacher)

        async def come_and_go(number: int) -> None:
            user = f"visitor-{number % 40}"
            token = server.token(user)
            async with raw_socket(server, token) as raw:
                assert (await raw.ask("room:list", {}))["ok"]
                await raw.ask("room:join", {"room_id": room_id})
                if number % 3:
                    await raw.ws.close()

        await asyncio.gather(*map(come_and_go, range(40)))
        before = _resident_kilobytes(server.pid)
        for start in range(40, 240, 40):
            await asyncio.gather(*map(come_and_go, range(start, start + 40)))

        async def only_one_left() -> bool:
            return await metric(server, "rtc_connections") == 1

        await eventually(only_one_left)
        assert await metric(server, "rtc_send_queue_bytes") == 0
        assert _resident_kilobytes(server.pid) - before < 20_000
        files = len(list(Path(f"/proc/{server.pid}/fd").iterdir()))
        assert files < 100
        await teacher.says(room_id, fresh("still here"))


def _resident_kilobytes(pid: int) -> int:
    """proc(5): VmRSS."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:"))
