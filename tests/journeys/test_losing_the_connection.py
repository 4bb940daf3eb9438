"""What is written is never lost, said twice, or said in another order; and the page does not pretend."""

from playwright.async_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import Person, School
from tests.services.homeroom import HomeroomServer

_WRITTEN = ["first", "second", "third"]


async def _in_a_room(sit_down: Arrive, school: School) -> tuple[Person, Person, str]:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    room = await school.room(ada.token, "Algebra", "ben")
    await ada.open_room(room)
    await ben.open_room(room)
    return ada, ben, room


async def test_what_is_written_while_the_server_is_down_arrives_once_and_in_order(
    sit_down: Arrive, school: School, server: HomeroomServer
) -> None:
    ada, ben, room = await _in_a_room(sit_down, school)
    await ben.say("before")
    await expect(ada.message("before")).to_be_visible()
    await expect(ben.unconfirmed()).to_have_count(0)
    await server.kill()
    await expect(ben.status).to_contain_text("You are offline.")
    for text in _WRITTEN:
        await ben.say(text)
    await expect(ben.status).to_contain_text("You are offline. 3 messages waiting.")
    await expect(ben.unconfirmed()).to_have_count(3)

    await server.start()
    await expect(ben.status).to_be_empty()
    await expect(ben.unconfirmed()).to_have_count(0)
    await expect(ada.message("third")).to_be_visible()
    assert await ada.texts() == await ben.texts() == ["before", *_WRITTEN]
    assert await school.history(ada.token, room) == ["before", *_WRITTEN]


async def test_the_outbox_survives_a_reload(sit_down: Arrive, school: School, server: HomeroomServer) -> None:
    ada, ben, room = await _in_a_room(sit_down, school)
    await ben.context.set_offline(True)
    for text in _WRITTEN:
        await ben.say(text)
    await expect(ben.status).to_contain_text("3 messages waiting.")
    other = await ben.another_tab()
    await ben.context.set_offline(False)
    await ben.page.reload()
    await other.open_room(room)
    for person in (ada, ben, other):
        await expect(person.message("third")).to_be_visible()
        assert await person.texts() == _WRITTEN
    assert await school.history(ada.token, room) == _WRITTEN


async def test_a_draft_survives_a_reload_in_its_room(sit_down: Arrive, school: School) -> None:
    ada, ben, _room = await _in_a_room(sit_down, school)
    biology = await school.room(ada.token, "Biology", "ben")
    await ben.composer.press_sequentially("Half a thou")
    await ben.rooms.get_by_role("link", name="Biology").click()
    await expect(ben.page).to_have_url(f"{ben.server.url}/rooms/{biology}")
    await expect(ben.composer).to_have_value("")
    await expect(ben.rooms.get_by_role("link", name="Algebra")).to_contain_text("Draft")
    await ben.page.reload()
    await ben.rooms.get_by_role("link", name="Algebra").click()
    await expect(ben.composer).to_have_value("Half a thou")


async def test_what_was_missed_offline_is_there_afterwards(sit_down: Arrive, school: School) -> None:
    ada, ben, room = await _in_a_room(sit_down, school)
    await ben.context.set_offline(True)
    await expect(ben.status).to_contain_text("You are offline.")
    for number in range(5):
        await school.say(ada.token, room, f"missed {number}")
    await ben.context.set_offline(False)
    await expect(ben.message("missed 4")).to_be_visible()
    assert await ben.texts() == [f"missed {number}" for number in range(5)]


async def test_a_refused_message_says_why_and_can_be_taken_back(sit_down: Arrive, school: School) -> None:
    _ada, ben, _room = await _in_a_room(sit_down, school)
    await ben.composer.fill("x" * 7_800)
    await expect(ben.page.get_by_text("200 characters left")).to_be_visible()
    await ben.composer.fill("x" * 8_001)
    await expect(ben.page.get_by_text("1 characters too many")).to_be_visible()
    await expect(ben.page.get_by_role("button", name="Send")).to_be_disabled()
    await ben.page.keyboard.press("Enter")
    await expect(ben.unconfirmed()).to_have_count(0)


async def test_a_line_in_a_room_that_was_archived_meanwhile_is_refused_in_words(
    sit_down: Arrive, school: School
) -> None:
    ada, ben, _room = await _in_a_room(sit_down, school)
    await ben.context.set_offline(True)
    await expect(ben.status).to_contain_text("You are offline.")
    await ben.say("too late")
    await ada.page.get_by_role("button", name="Details").click()
    await ada.page.get_by_role("button", name="Archive the room").click()
    await ada.page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    await expect(ada.page.get_by_text("can only be read").first).to_be_visible()
    await ben.context.set_offline(False)
    await expect(ben.message("too late")).to_contain_text("Not sent:")
    await ada.page.get_by_role("button", name="Bring the room back").click()
    await ben.message("too late").get_by_role("button", name="Try again").click()
    await expect(ben.unconfirmed()).to_have_count(0)
    await expect(ada.message("too late")).to_be_visible()


async def test_two_tabs_of_one_person_say_everything_once(sit_down: Arrive, school: School) -> None:
    ada, ben, room = await _in_a_room(sit_down, school)
    other = await ben.another_tab()
    await other.open_room(room)
    await ben.say("from the one")
    await expect(other.message("from the one")).to_be_visible()
    await other.say("from the other")
    await expect(ben.message("from the other")).to_be_visible()
    await expect(ada.message("from the other")).to_be_visible()
    for person in (ada, ben, other):
        assert await person.texts() == ["from the one", "from the other"]
    await other.page.close()
    await expect(ada.page.get_by_text("2 people here")).to_be_visible()


async def test_a_token_that_runs_out_can_be_renewed_without_losing_a_word(
    sit_down: Arrive, school: School, server: HomeroomServer
) -> None:
    ada = await sit_down("ada", role="instructor")
    ben = await sit_down("ben", seconds=8)
    room = await school.room(ada.token, "Algebra", "ben")
    await ada.open_room(room)
    await ben.open_room(room)
    await expect(ben.status).to_contain_text("Your sign-in has run out.", timeout=45_000)
    await ben.say("still here")
    await expect(ben.status).to_contain_text("1 message waiting.")
    await ben.status.get_by_role("button", name="Sign in again").click()
    await ben.page.get_by_role("dialog").get_by_role("textbox").fill(server.token("ben"))
    await ben.page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
    await expect(ada.message("still here")).to_be_visible()
    await expect(ben.status).to_be_empty()
    await expect(ben.page.get_by_role("dialog")).to_have_count(0)


async def test_whoever_is_signed_out_elsewhere_is_told(
    sit_down: Arrive, school: School, server: HomeroomServer
) -> None:
    _ada, ben, room = await _in_a_room(sit_down, school)
    await school.revoke(server.token("root", role="admin"), "ben")
    await expect(ben.page.get_by_role("status").filter(has_text="You were signed out.")).to_be_visible()
    await ben.page.reload()
    await expect(ben.page.get_by_text("Open Homeroom from your course page.")).to_be_visible()
    assert ben.page.url == f"{server.url}/rooms/{room}"
