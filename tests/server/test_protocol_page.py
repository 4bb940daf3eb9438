"""The code on docs/protocol.md runs as printed, with the stock clients, against a whole server."""

import asyncio
import json
import re
import sys
from pathlib import Path

from tests.services.homeroom import HomeroomServer

ROOT = Path(__file__).resolve().parents[2]
PRINTED_URL = "https://homeroom.example"

STAND_INS = """
const said = [];
const freshToken = async () => process.env.TOKEN;
const apply = (event) => said.push([event.seq, event.type, event.data.message?.text]);
const startAfresh = (roomId, messages) => said.push(["snapshot", messages.length]);
"""

SCENARIO = """
const ask = (name, payload) => socket.emitWithAck(name, payload);
socket.once("connection.ok", async () => {
  const joined = await ask("room:join", { key: "algebra-1" });
  const roomId = joined.data.room.id;
  take(roomId, joined.data);
  const send = (text) => ask("message:send", { room_id: roomId, client_id: text, text });
  await send("one");
  await ask("room:unsubscribe", { room_id: roomId });
  await send("two");
  await send("three");
  await new Promise((done) => { socket.once("connection.ok", done); socket.io.engine.close(); });
  await send("four");
  await send("four");
  while (said.filter(([, type]) => type === "message.new").length < 4) await new Promise((go) => setTimeout(go, 20));
  console.log(JSON.stringify(said));
  process.exit(0);
});
"""


def printed(language: str) -> list[str]:
    page = (ROOT / "docs/protocol.md").read_text(encoding="utf-8")
    return re.findall(rf"```{language}\n(.*?)```", page, re.DOTALL)


async def run(program: list[str], folder: Path, token: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        *program,
        cwd=folder,
        env={"TOKEN": token, "PYTHONUNBUFFERED": "1", "PATH": ""},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )


async def test_the_python_client_runs_as_printed(homeroom_server: HomeroomServer, tmp_path: Path) -> None:
    (code,) = printed("python")
    stand_in = "import os\nfresh_token = lambda: os.environ['TOKEN']\n"
    script = tmp_path / "client.py"
    script.write_text(stand_in + code.replace(PRINTED_URL, homeroom_server.url))
    token = homeroom_server.token("u-42", name="Ada", rooms={"algebra-1": "member"})
    process = await run([sys.executable, str(script)], tmp_path, token)
    assert process.stdout is not None
    lines: list[str] = []
    async with asyncio.timeout(30):
        while len(lines) < 2:
            line = (await process.stdout.readline()).decode()
            assert line, "it ended: " + "".join(lines)
            lines.append(line.strip())
    process.kill()
    await process.wait()
    assert any(re.fullmatch(r"\d+ Ada Good morning!", line) for line in lines), lines


async def test_the_recovery_rule_runs_as_printed(homeroom_server: HomeroomServer, tmp_path: Path) -> None:
    """A client that goes away and misses messages has each once and in order afterwards; a retry says nothing twice."""
    scripts = printed("js")
    connecting = next(code for code in scripts if "import { io }" in code)
    recovery = next(code for code in scripts if "function take" in code)
    (tmp_path / "node_modules").symlink_to(ROOT / "static_client/node_modules")
    script = tmp_path / "client.mjs"
    code = STAND_INS + connecting.replace(PRINTED_URL, homeroom_server.url) + recovery + SCENARIO
    script.write_text(code)
    token = homeroom_server.token("u-42", name="Ada", rooms={"algebra-1": "member"})
    node = Path(sys.executable).absolute().with_name("node")
    process = await run([str(node), str(script)], tmp_path, token)
    async with asyncio.timeout(60):
        output = (await process.communicate())[0].decode()
    said = [entry for entry in json.loads(output.splitlines()[-1]) if entry[1] == "message.new"]
    assert [text for _, _, text in said] == ["one", "two", "three", "four"]
    first = said[0][0]
    assert [seq for seq, _, _ in said] == list(range(first, first + 4))
