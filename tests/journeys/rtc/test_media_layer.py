"""Two and three seats of a call in a real browser, with fake devices: sound, pictures, glare, losses, silence."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Page

from tests.journeys.rtc.browser_calls import build, page_with_harness, until

STABLE = (
    "harness.negotiations().every(one => one.signalingState === 'stable' && one.machine.state === 'stable'"
    " && !one.machine.flags.wanted && one.connectionState === 'connected')"
)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("harness")
    await build(folder)
    return folder


@pytest_asyncio.fixture
async def page(built: Path) -> AsyncIterator[Page]:
    async with page_with_harness(built) as page:
        yield page


async def meet(page: Page, *names: str) -> None:
    for name in names:
        await page.evaluate("name => harness.join(name, true)", name)
    for name in names:
        for other in names:
            if other != name:
                await sees_and_hears(page, name, other)


async def sees_and_hears(page: Page, name: str, other: str) -> None:
    await until(
        page, "harness.tile(...argument)?.state === 'live' && harness.tile(...argument).video", [name, other]
    )
    before = await page.evaluate("([a, b]) => harness.received(a, b)", [name, other])
    await until(
        page,
        "await harness.received(argument[0], argument[1]).then(now => now.frames > argument[2] + 5 && now.energy > argument[3])",
        [name, other, before["frames"], before["energy"]],
    )


async def test_three_people_see_and_hear_each_other(page: Page) -> None:
    await meet(page, "ann", "bob", "cem")
    await until(page, STABLE)
    numbers = await page.evaluate("harness.negotiations().map(one => one.number)")
    assert numbers == [0] * 6, "the first connection of each pair is the one in use"


async def test_a_storm_of_changes_from_both_sides_settles(page: Page) -> None:
    await meet(page, "ann", "bob")
    await page.evaluate(
        """async () => {
            const { harness } = window;
            const make = () => { const canvas = document.createElement("canvas"); canvas.getContext("2d"); return canvas.captureStream(5); };
            for (let round = 0; round < 20; round += 1) {
                for (const name of ["ann", "bob"]) {
                    const stream = make();
                    harness.call(name).media.send("screen", { kind: "video", track: stream.getVideoTracks()[0], stream });
                }
                await new Promise(resolve => setTimeout(resolve, Math.random() * 40));
                for (const name of ["ann", "bob"]) harness.call(name).media.send("screen", null);
                await new Promise(resolve => setTimeout(resolve, Math.random() * 40));
            }
        }"""
    )
    await until(page, STABLE)
    offers = await page.evaluate(
        "harness.server.delivered.filter(one => one.description?.type === 'offer').length"
    )
    assert offers > 4, "there was something to settle"
    assert await page.evaluate("harness.negotiations().map(one => one.number)") == [0, 0], (
        "nothing had to be rebuilt"
    )
    for pair in (("ann", "bob"), ("bob", "ann")):
        await sees_and_hears(page, *pair)


async def test_a_lost_offer_ends_in_a_new_connection(page: Page) -> None:
    await page.evaluate(
        """() => { let lost = 0; harness.server.lose = signal => signal.description !== undefined && lost++ < 1; }"""
    )
    await meet(page, "ann", "bob")
    numbers = await page.evaluate("harness.negotiations().map(one => one.number)")
    assert numbers[0] == numbers[1] >= 1


async def test_the_watchdog_says_when_no_picture_comes_and_mends_it(page: Page) -> None:
    await meet(page, "ann", "bob")
    await page.evaluate(
        "harness.link('ann', 'bob').connection.getSenders().forEach(one => one.replaceTrack(null))"
    )
    await until(page, "harness.tile('bob', 'ann').state === 'stalled'")
    # What was taken away by hand comes back with a new connection, which the watchdog has made in the end.
    await sees_and_hears(page, "bob", "ann")
    assert await page.evaluate("harness.link('bob', 'ann').connectionNumber") >= 1


async def test_what_staff_mutes_is_silent_on_both_sides(page: Page) -> None:
    await meet(page, "ann", "bob")
    await page.evaluate("harness.server.block(harness.client('ann').peerId, 'microphone')")
    await until(page, "harness.tile('bob', 'ann').muted && !harness.tile('bob', 'ann').audio")
    await until(page, "harness.call('ann').model.get().own.microphone === 'off'")
    problems = await page.evaluate("harness.call('ann').model.get().problems.map(one => one.kind)")
    assert problems == ["blocked"]
    refused = await page.evaluate(
        "harness.call('ann').setMicrophone(true).then(() => null, error => error.problem.kind)"
    )
    assert refused == "blocked"
    audio = "harness.link('bob', 'ann').allTracks().filter(one => one.kind === 'audio').every(one => !one.enabled)"
    assert await page.evaluate(audio)


async def test_a_dropped_socket_leaves_media_alone_and_a_renewed_page_gets_new_connections(
    page: Page,
) -> None:
    await meet(page, "ann", "bob")
    await page.evaluate("harness.client('ann').cut()")
    await until(page, "harness.call('ann').model.get().phase === 'reconnecting'")
    await sees_and_hears(page, "bob", "ann")
    await page.evaluate("harness.client('ann').mend()")
    await until(page, "harness.call('ann').model.get().phase === 'in'")
    assert await page.evaluate("harness.negotiations().map(one => one.number)") == [0, 0]
    await page.evaluate("harness.call('bob').media.close()")
    await page.evaluate("harness.server.leave(harness.client('bob').peerId)")
    await page.evaluate("harness.join('bob', true)")
    await sees_and_hears(page, "ann", "bob")
    await sees_and_hears(page, "bob", "ann")


async def test_a_refresh_in_the_middle_of_the_call_keeps_the_seat(page: Page) -> None:
    await meet(page, "ann", "bob")
    seat = await page.evaluate("harness.client('ann').peerId")
    assert await page.evaluate("harness.reload('ann')") == seat
    for pair in (("ann", "bob"), ("bob", "ann")):
        await sees_and_hears(page, *pair)
    await until(page, STABLE)
    numbers = await page.evaluate("harness.negotiations().map(one => one.number)")
    assert numbers[0] == numbers[1] == 1


async def test_a_shared_screen_has_a_tile_of_its_own(page: Page) -> None:
    await meet(page, "ann", "bob")
    await page.evaluate("harness.call('bob').shareScreen()")
    await until(page, "harness.tile('ann', 'bob', 'screen')?.state === 'live'")
    assert await page.evaluate("harness.call('bob').model.get().own.screen") == "on"
    await page.evaluate("harness.call('bob').stopScreen()")
    await until(page, "harness.tile('ann', 'bob', 'screen') === null")
    await sees_and_hears(page, "ann", "bob")


async def test_the_connection_test_speaks_plainly(page: Page) -> None:
    found = {result["name"]: result["verdict"] for result in await page.evaluate("harness.selfTest()")}
    assert found["camera"] == found["microphone"] == found["server"] == found["speaker"] == "good"
    assert found["direct"] in {"good", "weak"}
    assert found["relay"] == "weak", "there is no relay to test"


async def test_nothing_is_sent_after_leaving(page: Page) -> None:
    await meet(page, "ann", "bob")
    await page.evaluate("window.before = harness.link('ann', 'bob').connection")
    await page.evaluate("harness.call('ann').leave()")
    assert await page.evaluate("window.before.connectionState") == "closed"
    assert await page.evaluate("harness.call('ann').model.get().phase") == "over"
    await until(page, "harness.tile('bob', 'ann') === null")
    live = await page.evaluate("harness.call('ann').model.get().own.cameraTrack")
    assert live is None
