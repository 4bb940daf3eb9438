"""A call survives reloads, a lost socket, a lost network and a restarted server."""

import pytest
from playwright.async_api import Route, WebSocketRoute, expect

from tests.journeys.call.callers import Caller
from tests.journeys.call.conftest import Seat, new_room

pytestmark = pytest.mark.asyncio(loop_scope="session")


class Line:
    """A page's connection to the server, which can be cut: what is there is closed, and nothing new gets through."""

    def __init__(self) -> None:
        self._sockets: list[WebSocketRoute] = []
        self._is_cut = False

    @classmethod
    async def of(cls, caller: Caller) -> "Line":
        line = cls()
        await caller.page.route_web_socket("**/socket.io/**", line._socket)
        await caller.page.route("**/socket.io/**", line._request)
        return line

    async def cut(self) -> None:
        self._is_cut = True
        for socket in self._sockets:
            await socket.close()
        self._sockets.clear()

    def mend(self) -> None:
        self._is_cut = False

    async def _socket(self, socket: WebSocketRoute) -> None:
        if self._is_cut:
            await socket.close()
        else:
            socket.connect_to_server()
            self._sockets.append(socket)

    async def _request(self, route: Route) -> None:
        await (route.abort() if self._is_cut else route.continue_())


async def test_a_reload_in_mid_call_goes_on_with_it(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.sees(ben)
    seat_before = await ada.tile("Ben").get_attribute("data-peer")
    await ben.page.reload()
    await expect(ben.button("Leave call")).to_be_visible()
    await ben.sees(ada)
    await ada.sees(ben)
    await ada.hears()
    assert await ada.tile("Ben").get_attribute("data-peer") == seat_before
    await expect(
        ada.page.get_by_role("log", name="News of the call").get_by_text("Ben joined")
    ).to_have_count(1)


async def test_pictures_go_on_while_the_socket_is_cut_and_what_was_missed_is_caught_up(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    line = await Line.of(ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ben.sees(ada)
    before = await ben.flow()
    await line.cut()
    await expect(ben.page.get_by_text("No connection to the server.")).to_be_visible()
    await ada.button("Raise hand").click()
    await ben.sees(ada)
    await ada.sees(ben)
    line.mend()
    await expect(ben.page.get_by_text("No connection to the server.")).to_have_count(0, timeout=30_000)
    await expect(ben.tile("Ada").get_by_text("in the queue of raised hands")).to_be_attached()
    await ben.sees(ada)
    assert (await ben.flow()).connected == before.connected == 1


async def test_whoever_is_removed_while_away_does_not_come_back_by_itself(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    line = await Line.of(ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.button("People").click()
    await line.cut()
    await ada.button("More for Ben").click()
    await ada.button("Remove from the call").click()
    await expect(ada.tile("Ben")).to_have_count(0)
    line.mend()
    removed = ben.page.get_by_role("heading", name="Staff has removed you from the call.")
    await expect(removed).to_be_visible(timeout=40_000)  # the page pauses up to 8 s between its attempts
    await expect(ada.tile("Ben")).to_have_count(0)


async def test_a_lost_network_is_said_and_then_overcome(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.sees(ben)
    # Chromium's offline mode spares UDP: the media path is taken away, too.
    await ben.context.set_offline(True)
    await ben.page.evaluate("window.connections.at(-1).close()")
    await expect(ada.tile("Ben")).not_to_have_attribute("data-state", "live", timeout=20_000)
    await ben.context.set_offline(False)
    await ada.sees(ben, seconds=40)
    await ben.sees(ada, seconds=40)


async def test_a_killed_server_comes_back_to_the_same_call(seat: Seat) -> None:
    ada, ben = await seat("ada", role="instructor"), await seat("ben")
    room = await new_room(ada, ben)
    await ada.call_in(room)
    await ben.call_in(room)
    await ada.sees(ben)
    await ada.server.kill()
    await expect(ada.page.get_by_text("No connection to the server.")).to_be_visible()
    await ada.sees(ben)
    await ada.server.start()
    await expect(ada.page.get_by_text("No connection to the server.")).to_have_count(0, timeout=30_000)
    await expect(ben.page.get_by_text("No connection to the server.")).to_have_count(0, timeout=30_000)
    await ada.sees(ben)
    await ben.sees(ada)
    await ben.button("Leave call").click()
    await expect(ada.tile("Ben")).to_have_count(0)
