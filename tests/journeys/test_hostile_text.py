"""Whatever is typed, it is shown as text: nothing runs, nothing is fetched, nothing leads where it should not."""

from playwright.async_api import expect

from tests.journeys.conftest import Arrive
from tests.journeys.people import School

_CORPUS = [
    "<script>window.hacked = true</script>",
    "<img src=x onerror='window.hacked = true'>",
    "<svg/onload=window.hacked=true>",
    "<iframe srcdoc='<script>parent.hacked=true</script>'></iframe>",
    "<style>* { display: none !important }</style>",
    "<a href='javascript:window.hacked=true'>press</a>",
    "[press](javascript:window.hacked=true)",
    "[press](JaVaScRiPt:window.hacked=true)",
    "[press](&#106;avascript:window.hacked=true)",
    "[press](java\tscript:window.hacked=true)",
    "[press](data:text/html,<script>parent.hacked=true</script>)",
    "[press](vbscript:msgbox(1))",
    "[press](//evil.test/path)",
    "[press](/api/v1/me)",
    "[press](file:///etc/passwd)",
    '[press](https://good.test/"onmouseover="window.hacked=true)',
    "![picture](https://evil.test/tracker.png)",
    "<https://good.test/?q=<script>>",
    "<javascript:window.hacked=true>",
    "[a]: javascript:window.hacked=true\n\n[a]",
    "```html\n<script>window.hacked = true</script>\n```",
    "`<img src=x onerror=window.hacked=true>`",
    "| <b>a</b> | b |\n|---|---|\n| <script>window.hacked=true</script> | x |",
    "{{constructor.constructor('window.hacked=true')()}}",
    "__proto__ constructor toString **hasOwnProperty**",
    "\u202eright to left override \u2066 isolate",
    "Z̸̧͎a̷̡l̵g̶o" * 40,
    "a" * 3000,
    "> " * 200 + "deep",
    "- " * 100 + "deep",
    "*" * 3000,
    "[" * 1500,
    "&lt;b&gt; &amp;amp; &#x3c;i&#x3e;",
]


async def test_nothing_that_is_said_runs(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    room = await school.room(ada.token, '<b>Algebra</b> & "friends"')
    fetched: list[str] = []
    ada.page.on("request", lambda request: fetched.append(request.url))
    for text in _CORPUS:
        await school.say(ada.token, room, text)
    await ada.open_room(room)
    await expect(ada.messages.locator("[data-message]")).to_have_count(len(_CORPUS))
    await expect(ada.messages.locator("pre")).to_contain_text("<script>")
    await expect(ada.page.get_by_role("heading", level=1)).to_have_text('<b>Algebra</b> & "friends"')

    assert await ada.messages.locator("script, img, iframe, style, b, svg:not(.icon)").count() == 0
    links = await ada.messages.locator("a").evaluate_all(
        "links => links.map((link) => [link.protocol, link.rel, link.target])"
    )
    assert links
    assert all(link == ["https:", "noopener noreferrer", "_blank"] for link in links)
    assert await ada.page.evaluate("window.hacked") is None
    assert await ada.violations() == []
    assert [address for address in fetched if not address.startswith(ada.server.url)] == []


async def test_the_preview_is_as_careful(sit_down: Arrive, school: School) -> None:
    ada = await sit_down("ada", role="instructor")
    await ada.open_room(await school.room(ada.token, "Algebra"))
    await ada.page.get_by_role("button", name="Preview").click()
    preview = ada.page.get_by_role("region", name="Preview")
    for text in _CORPUS:
        await ada.composer.fill(text)
    await ada.composer.fill("**done** <img src=x onerror=window.hacked=true>")
    await expect(preview.locator("strong")).to_have_text("done")
    assert await preview.locator("img").count() == 0
    assert await ada.page.evaluate("window.hacked") is None
    assert await ada.violations() == []
