"""The stock clients as they come: JavaScript 4 and Python 5, with their default transports and their own reconnecting."""

import asyncio
import contextlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import socketio

from tests.integration.people import Json, School, fresh
from tests.services.homeroom import HomeroomServer
from tests.services.process import MissingProgram

_CLIENT = Path(__file__).parents[2] / "static_client"
_SCRIPT = Path(__file__).with_name("stock_client.cjs")


class Browser:
    """A page with the stock JavaScript client. What it prints is read by a thread, for a pipe has no timeout."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self._lines: list[Json] = []
        self._news = asyncio.Event()
        self._loop = asyncio.get_running_loop()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    async def close(self) -> None:
        """The client ends when its input does; killing would leave it behind where `node` is only a script around it."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        await asyncio.to_thread(self._reader.join, 10)
        self._process.stdout.close()
        await asyncio.to_thread(self._process.wait, 10)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for raw in self._process.stdout:
            self._loop.call_soon_threadsafe(self._take, json.loads(raw))

    def _take(self, line: Json) -> None:
        self._lines.append(line)
        self._news.set()

    async def connect(self, server: HomeroomServer, token: str, transports: list[str] | None = None) -> None:
        options = {"url": server.url, "token": token} | ({"transports": transports} if transports else {})
        self._write({"connect": options})

    async def call(self, name: str, payload: Json) -> Json:
        """The data of an answer that must be ok."""
        self._write({"call": [name, payload]})
        told = await self.next(lambda line: "answer" in line)
        assert told["answer"]["ok"], told
        data: Json = told["answer"]["data"]
        return data

    async def transport(self) -> str:
        self._write({"transport": True})
        return str((await self.next(lambda line: "transport" in line))["transport"])

    async def hears(self, name: str) -> Json:
        event: Json = (await self.next(lambda line: line.get("event") == name))["args"][0]
        return event

    async def next(self, fits: Callable[[Json], bool]) -> Json:
        """The first line that fits and was not given before."""
        async with asyncio.timeout(20):
            while True:
                for line in self._lines:
                    if fits(line):
                        self._lines.remove(line)
                        return line
                self._news.clear()
                await self._news.wait()

    def _write(self, order: Json) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()


@asynccontextmanager
async def _browser() -> AsyncIterator[Browser]:
    beside = Path(sys.executable).absolute().with_name("node")
    node = str(beside) if beside.exists() else shutil.which("node")
    if node is None or not (_CLIENT / "node_modules" / "socket.io-client").is_dir():
        raise MissingProgram("the JavaScript client", "make setup")
    command: list[str | Path] = [node, _SCRIPT, _CLIENT / "package.json"]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    browser = Browser(process)
    try:
        yield browser
    finally:
        await browser.close()


@pytest.mark.parametrize(
    ("transports", "ends_on"),
    [(["websocket"], "websocket"), (["polling"], "polling"), (None, "websocket")],
    ids=["websocket", "polling", "default"],
)
async def test_the_javascript_client_talks(
    school: School, transports: list[str] | None, ends_on: str
) -> None:
    teacher = await school.person(role="instructor")
    student = fresh("u")
    room_id = await school.room(teacher, student)
    async with _browser() as browser:
        await browser.connect(teacher.server, teacher.server.token(student, name="Zoë Ünal"), transports)
        greeting = await browser.hears("connection.ok")
        assert greeting["data"]["user"]["name"] == "Zoë Ünal"
        joined = await browser.call("room:join", {"room_id": room_id})
        assert joined["room"]["id"] == room_id
        text = "Grüße \U0001f44b\U0001f3fd \u2028 " + "\U0001f9d1" * 7000
        sent = await browser.call("message:send", {"room_id": room_id, "client_id": "js-1", "text": text})
        assert (
            (await teacher.hears("message.new"))["data"]["message"]["text"] == text == sent["message"]["text"]
        )
        assert (await browser.hears("message.new"))["client_id"] == "js-1"
        for number in range(20):
            await teacher.says(room_id, f"answer {number}")
        heard = [await browser.hears("message.new") for _ in range(20)]
        assert [event["data"]["message"]["text"] for event in heard] == [f"answer {n}" for n in range(20)]
        assert await browser.transport() == ends_on


async def test_the_javascript_client_is_told_why_it_is_refused(lone_node: HomeroomServer) -> None:
    async with _browser() as browser:
        await browser.connect(lone_node, "garbage")
        told = await browser.next(lambda line: line.get("state") == "refused")
        assert told["data"]["code"] == "unauthorized"
        assert told["message"]


@pytest.mark.parametrize("ending", ["kill", "terminate"])
async def test_the_javascript_client_comes_back_and_catches_up(tmp_path: Path, ending: str) -> None:
    async with HomeroomServer(tmp_path) as server, School(server) as school, _browser() as browser:
        teacher = await school.person(role="instructor")
        student = fresh("u")
        room_id = await school.room(teacher, student)
        await browser.connect(server, server.token(student))
        await browser.hears("connection.ok")
        joined = await browser.call("room:join", {"room_id": room_id})
        await (server.kill() if ending == "kill" else server.terminate())
        await browser.next(lambda line: line.get("state") == "disconnected")
        await server.start()
        back = await school.person(teacher.user, role="instructor")
        missed = await back.says(room_id, "while you were away")
        await browser.hears("connection.ok")
        since = {"epoch": joined["epoch"], "seq": joined["seq"]}
        again = await browser.call("room:join", {"room_id": room_id, "since": since})
        assert again["recovered"]
        assert [event["seq"] for event in again["events"]] == [missed["seq"]]
        await back.says(room_id, "welcome back")
        assert (await browser.hears("message.new"))["data"]["message"]["text"] == "welcome back"
        sent = await browser.call("message:send", {"room_id": room_id, "client_id": "x", "text": "hello"})
        assert sent["seq"] == missed["seq"] + 2


@pytest.mark.parametrize(
    "transports", [["polling"], ["websocket"], None], ids=["polling", "websocket", "default"]
)
async def test_the_python_client_talks(school: School, transports: list[str] | None) -> None:
    teacher = await school.person(role="instructor")
    student = await school.person(transports=transports)
    room_id = await school.room(teacher, student)
    for number in range(20):
        await teacher.says(room_id, f"question {number}")
    await student.hears_text("question 19")
    texts = [event["data"]["message"]["text"] for event in student.log(room_id)]
    assert texts == [f"question {number}" for number in range(20)]
    await student.says(room_id, "an answer of 6,000 letters: " + "\u00e9" * 6000)
    await teacher.hears("message.new", lambda event: event["actor"]["id"] == student.user)
    assert student.socket.transport() == ("polling" if transports == ["polling"] else "websocket")


async def test_the_blocking_python_client_talks(school: School) -> None:
    teacher = await school.person(role="instructor")
    student = fresh("u")
    room_id = await school.room(teacher, student)
    token = teacher.server.token(student)

    def talk() -> Json:
        with socketio.SimpleClient() as client:
            client.connect(teacher.server.url, auth={"token": token}, wait_timeout=15)
            assert client.receive(timeout=15)[0] == "connection.ok"
            answer: Json = client.call("room:join", {"room_id": room_id})
            assert answer["ok"], answer
            wish = {"room_id": room_id, "client_id": "simple", "text": "from a thread"}
            return dict(client.call("message:send", wish))

    sent = await asyncio.to_thread(talk)
    assert (await teacher.hears_text("from a thread"))["seq"] == sent["data"]["seq"]


async def test_the_python_client_comes_back_by_itself(tmp_path: Path) -> None:
    async with HomeroomServer(tmp_path) as server:
        greetings: asyncio.Queue[Json] = asyncio.Queue()
        client = socketio.AsyncClient(reconnection_delay=0.1, reconnection_delay_max=0.5)
        client.on("connection.ok", greetings.put_nowait)
        await client.connect(server.url, auth={"token": server.token("ada")}, wait_timeout=15)
        await asyncio.wait_for(greetings.get(), 15)
        await server.kill()
        await server.start()
        greeting = await asyncio.wait_for(greetings.get(), 15)
        assert greeting["data"]["user"]["id"] == "ada"
        assert (await client.call("room:list", {}))["ok"]
        await client.disconnect()
