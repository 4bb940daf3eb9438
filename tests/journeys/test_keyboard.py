"""Everything without a pointer."""

from playwright.async_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import School


async def test_a_conversation_by_keyboard_alone(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    algebra = await school.room(ada.token, "Algebra", "ben")
    await school.room(ada.token, "Biology", "ben")
    await school.say(ada.token, algebra, "Who knows?")
    await ben.open("/")
    await expect(ben.rooms.get_by_role("link", name="Algebra")).to_be_visible()
    keys = ben.page.keyboard

    await keys.press("Control+k")
    await keys.type("alg")
    await keys.press("Enter")
    await expect(ben.composer).to_be_focused()
    await keys.type("first line")
    await keys.press("Shift+Enter")
    await keys.type("second line")
    await keys.press("Enter")
    await expect(ben.message("first line").locator("p.md-plain")).to_have_text("first line\nsecond line")
    await expect(ben.unconfirmed()).to_have_count(0)

    await keys.press("ArrowUp")
    await expect(ben.page.get_by_role("textbox", name="Edit text")).to_be_focused()
    await keys.press("Control+a")
    await keys.type("I know")
    await keys.press("Enter")
    await expect(ben.message("I know")).to_contain_text("edited")
    await expect(ben.composer).to_be_focused()

    # From the composer back to the newest message, up to the one before, and to its actions.
    await keys.press("Shift+Tab")
    await expect(ben.message("I know").get_by_role("button", name="edited")).to_be_focused()
    await keys.press("Shift+Tab")
    await expect(ben.message("I know")).to_be_focused()
    await keys.press("ArrowUp")
    await expect(ben.message("Who knows?")).to_be_focused()
    await keys.press("Tab")
    await expect(ben.message("Who knows?").get_by_role("button", name="React")).to_be_focused()
    await keys.press("Enter")
    await expect(ben.page.get_by_role("button", name="React with 👍")).to_be_focused()
    await keys.press("Enter")
    await expect(ben.message("Who knows?").get_by_role("button", name="👍 1: you")).to_be_visible()


async def test_esc_closes_what_is_on_top(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    room = await school.room(ada.token, "Algebra")
    await ada.open(f"/rooms/{room}/people")
    panel = ada.page.get_by_role("complementary", name="People")
    await expect(panel).to_be_visible()
    await expect(ada.composer).to_be_focused()  # it takes the focus once it is there
    await ada.page.get_by_role("button", name="People").focus()
    await ada.page.keyboard.press("?")
    await expect(ada.page.get_by_role("dialog", name="Keys")).to_be_visible()
    await ada.page.keyboard.press("Escape")
    await expect(ada.page.get_by_role("dialog")).to_have_count(0)
    await expect(panel).to_be_visible()
    await expect(ada.page.get_by_role("button", name="People")).to_be_focused()
    await ada.page.keyboard.press("Escape")
    await expect(panel).to_have_count(0)


async def test_a_dialog_keeps_the_focus(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    await ada.open("/")
    await ada.page.get_by_role("button", name="Create a room").first.click()
    dialog = ada.page.get_by_role("dialog", name="Create a room")
    await expect(dialog.get_by_label("Title")).to_be_focused()
    for _ in range(12):
        await ada.page.keyboard.press("Tab")
        outside = await ada.page.evaluate(
            "document.activeElement !== document.body && !document.activeElement.closest('dialog')"
        )
        assert not outside


async def test_new_messages_are_announced_once(sit_down: Arrive, school: School) -> None:
    ada, ben = await sit_down("ada", role="instructor"), await sit_down("ben")
    room = await school.room(ada.token, "Algebra", "ben")
    await school.say(ada.token, room, "from before")
    await ben.open_room(room)
    await expect(ben.message("from before")).to_be_visible()
    await school.say(ada.token, room, "hear **this**")
    log = ben.page.get_by_role("log")
    await expect(log).to_have_text("Ada: hear this")
    await ben.say("my own words")
    await expect(ben.unconfirmed()).to_have_count(0)
    await expect(log).to_have_text("Ada: hear this")
