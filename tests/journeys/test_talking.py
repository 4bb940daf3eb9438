"""An instructor and a student, each at a browser, in one room."""

import re

from playwright.async_api import Browser, expect

from tests.conftest import StartHomeroom
from tests.journeys.conftest import Arrive
from tests.journeys.people import School, arrive
from tests.services.homeroom import HomeroomServer


async def test_two_people_sign_in_by_name_and_talk(browser: Browser, start_homeroom: StartHomeroom) -> None:
    server = await start_homeroom(environment={"HOMEROOM_DEV": "1"})
    ada = await arrive(browser, server, "")
    ben = await arrive(browser, server, "")
    for person, name, role in ((ada, "Ada", "Instructor"), (ben, "Ben", "Student")):
        await person.page.goto(server.url)
        await person.page.get_by_label("Your name").fill(name)
        await person.page.get_by_label(role).check()
        await person.page.get_by_role("button", name="Sign in").click()

    await ada.page.get_by_role("button", name="Create a room").first.click()
    await ada.page.get_by_label("Title").fill("Algebra")
    await ada.page.get_by_role("button", name="Create", exact=True).click()
    await expect(ada.page.get_by_role("heading", name="Algebra", level=1)).to_be_visible()

    await ben.page.get_by_role("button", name="Find a room to join").first.click()
    await ben.page.get_by_role("button", name="Join Algebra").click()
    await ada.say("Good **morning**, everybody")
    await ben.say("Good morning!")

    for person in (ada, ben):
        await expect(person.message("Good morning, everybody").locator("strong").last).to_have_text("morning")
        await expect(person.message("Good morning!")).to_have_count(1)
        await expect(person.unconfirmed()).to_have_count(0)
        await expect(person.page.get_by_text("2 people here")).to_be_visible()
    assert ada.problems == ben.problems == []


async def test_what_one_changes_the_other_sees(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    room = await school.room(ada.token, "Algebra", "ben")
    await ada.open_room(room)
    await ben.open_room(room)

    await ben.say("The answer is fuor")
    await expect(ada.message("fuor")).to_be_visible()
    await ben.act_on("fuor", "Edit")
    await ben.page.get_by_role("textbox", name="Edit text").fill("The answer is four")
    await ben.page.get_by_role("button", name="Save").click()
    await expect(ada.message("The answer is four")).to_contain_text("edited")
    await ada.message("four").get_by_role("button", name="edited").click()
    await expect(ada.page.get_by_role("dialog").get_by_text("fuor")).to_be_visible()
    await ada.page.keyboard.press("Escape")

    await ada.act_on("four", "React")
    await ada.page.get_by_role("button", name="React with 🎉").click()
    chip = ben.message("four").get_by_role("button", name=re.compile("🎉 1: Ada"))
    await expect(chip).to_have_attribute("aria-pressed", "false")
    await chip.click()
    await expect(ada.message("four").get_by_role("button", name=re.compile("🎉 2"))).to_be_visible()

    await ada.act_on("four", "Delete")
    await ada.page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    await expect(ben.messages.get_by_text("This message was deleted.")).to_be_visible()
    await expect(ben.message("four")).to_have_count(0)


async def test_typing_and_presence_are_seen_while_they_last(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    room = await school.room(ada.token, "Algebra", "ben")
    await ada.open_room(room)
    await expect(ada.page.get_by_text("Only you are here")).to_be_visible()
    await ben.open_room(room)
    await expect(ada.page.get_by_text("2 people here")).to_be_visible()
    await ben.composer.press_sequentially("Hmm")
    await expect(ada.page.get_by_text("Ben is typing")).to_be_visible()
    await ben.composer.fill("")
    await expect(ada.page.get_by_text("Ben is typing")).to_have_count(0)

    await ada.page.get_by_role("button", name="People").click()
    await expect(ada.page.get_by_role("list", name="Here now").get_by_role("listitem")).to_have_count(2)
    await ben.context.close()
    await expect(ada.page.get_by_role("list", name="Not here")).to_contain_text("Ben")


async def test_unread_messages_are_counted_until_they_are_seen(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    algebra = await school.room(ada.token, "Algebra", "ben")
    biology = await school.room(ada.token, "Biology", "ben")
    await ben.open_room(biology)
    for text in ("one", "two"):
        await school.say(ada.token, algebra, text)
    row = ben.rooms.get_by_role("link", name="Algebra")
    await expect(row).to_contain_text("2 unread")
    await expect(row).to_contain_text("Ada: two")
    await expect(ben.page).to_have_title("(2) Biology · Homeroom")

    await row.click()
    await expect(ben.messages.get_by_text("New", exact=True)).to_be_visible()
    await expect(row).not_to_contain_text("unread")
    await ben.page.go_back()
    await expect(ben.page.get_by_role("heading", name="Biology", level=1)).to_be_visible()
    await ben.page.reload()
    await expect(row).not_to_contain_text("unread")


async def test_a_room_is_tended_by_its_owner(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    room = await school.room(ada.token, "Algebra", "ben")
    await ben.open_room(room)
    await ada.open(f"/rooms/{room}/details")
    await ada.page.get_by_role("button", name="Rename").click()
    await ada.page.get_by_label("Title").fill("Algebra II")
    await ada.page.get_by_role("button", name="Save").click()
    await expect(ben.page.get_by_role("heading", name="Algebra II", level=1)).to_be_visible()

    await ada.page.get_by_role("button", name="Archive the room").click()
    await ada.page.get_by_role("dialog").get_by_role("button", name="Archive").click()
    await expect(ben.page.get_by_text("can only be read")).to_be_visible()
    await expect(ben.composer).to_have_count(0)
    await ada.page.get_by_role("button", name="Bring the room back").click()
    await expect(ben.composer).to_be_visible()

    await ada.page.get_by_role("button", name="People").click()
    await ada.page.get_by_role("button", name="More for Ben").click()
    await ada.page.get_by_role("button", name="Remove from the room").click()
    await expect(ben.rooms.get_by_role("link", name="Algebra II")).to_have_count(0)
    await expect(ben.page.get_by_role("heading", name="There is no such room for you")).to_be_visible()


async def test_a_student_writes_to_a_fellow_student(sit_down: Arrive, school: School) -> None:
    ada, ben, eve = await sit_down("ada", role="instructor"), await sit_down("ben"), await sit_down("eve")
    room = await school.room(ada.token, "Algebra", "ben", "eve")
    await eve.open_room(room)
    await ben.open(f"/rooms/{room}/people")
    await ben.page.get_by_role("button", name="Write to Eve").click()
    await expect(ben.page.get_by_role("heading", name="Eve", level=1)).to_be_visible()
    await ben.say("Shall we learn together?")
    await eve.rooms.get_by_role("link", name="Ben").click()
    await expect(eve.message("Shall we learn together?")).to_be_visible()
    await expect(ben.page.get_by_text("Seen", exact=True)).to_be_visible()


async def test_a_room_that_is_not_there_and_one_that_is_not_mine_look_the_same(
    sit_down: Arrive, school: School, server: HomeroomServer
) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    secret = await school.room(ada.token, "Staff only")
    for place in (secret, "room_00000000000000000000000000"):
        await ben.open(f"/rooms/{place}")
        await expect(ben.page.get_by_role("heading", name="There is no such room for you")).to_be_visible()


async def test_a_token_in_a_link_never_stays_in_the_address(sit_down: Arrive, server: HomeroomServer) -> None:
    ada = await sit_down("ada", role="instructor")
    ada.token = server.token("ada", role="instructor", rooms={"algebra-1": "owner"})
    asked: list[str] = []
    ada.page.on("request", lambda request: asked.append(request.url))
    await ada.page.goto(f"{server.url}/#token={ada.token}&room=algebra-1")
    await expect(ada.composer).to_be_visible()
    assert re.fullmatch(rf"{re.escape(server.url)}/rooms/room_\w+", ada.page.url)
    assert not [address for address in asked if ada.token in address.partition("#")[0]]
