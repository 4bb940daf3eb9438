"""No token and no payload in any log, whatever the level of the root logger."""

import logging

import pytest
import socketio

from realtime.engine.logs import LIBRARY_LOGGERS, silence_libraries, trail
from tests.realtime.engine.conftest import Start

CANARY = "CANARY-2b1f"


async def test_tokens_and_texts_of_a_whole_visit_are_in_no_log(
    start: Start, caplog: pytest.LogCaptureFixture
) -> None:
    logging.getLogger().setLevel(logging.DEBUG)
    try:
        with caplog.at_level(logging.DEBUG):
            site = await start(allowed_origins=frozenset({"https://school.example"}))
            for transports in (["websocket"], ["polling"], ["polling", "websocket"]):
                me = socketio.AsyncClient(reconnection=False)
                await me.connect(site.url, auth={"token": CANARY}, transports=transports)
                await me.call("say", {"text": CANARY}, timeout=5)
                await me.call("break", {"text": CANARY}, timeout=5)
                await me.disconnect()
                await me.shutdown()
            await site.poll(headers={"Origin": f"https://{CANARY}"})
            async with site.raw(headers={"Sec-WebSocket-Protocol": CANARY}) as raw:
                await raw.send(f'42["{CANARY}')
                await raw.rest()
    finally:
        logging.getLogger().setLevel(logging.WARNING)
    ours = [record for record in caplog.records if not record.name.startswith("asyncio")]
    assert ours
    assert CANARY not in caplog.text


@pytest.mark.parametrize("name", LIBRARY_LOGGERS)
def test_a_library_s_line_keeps_only_its_place(name: str, caplog: pytest.LogCaptureFixture) -> None:
    silence_libraries()
    silence_libraries()
    library = logging.getLogger(name)
    assert len(library.filters) == 1
    assert not library.isEnabledFor(logging.INFO)
    try:
        raise ValueError(CANARY)
    except ValueError:
        library.exception("text %s " + CANARY, CANARY, stack_info=True)
    assert CANARY not in caplog.text
    assert "test_logs" in caplog.text
    assert "ValueError" in caplog.text


def test_a_trail_has_the_place_but_not_the_message() -> None:
    try:
        raise ValueError(CANARY)
    except ValueError as error:
        text = trail(error)
    assert CANARY not in text
    assert "ValueError at test_logs.py:" in text
