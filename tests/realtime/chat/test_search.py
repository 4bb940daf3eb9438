"""Search finds the same on both databases, whatever is asked."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from contract.errors import NotFound
from contract.messages import SearchMessages
from realtime.chat.words import MAX_QUERY_WORDS, phrases_of, words_of
from tests.realtime.school import ADMIN, ANA, BEN, EVE, TEACHER, Node

LINES = [
    "The quick brown fox",
    "Quicksand is slow",
    "Größe und Gruß",
    "Café, naïve résumé",
    "今日は数学のテストです",
    "数 学 と は",
    "ประเทศไทย",
    "x = 3.14 and y_1 = 1e5",
    "mail ana@example.org or https://example.org/a?b=c%20d",
    "100% sure _really_",
    'say "hello world" (twice)',
    "NOT OR AND NEAR",
    "Ångström ﬁne ＦＵＬＬ",
    "İstanbul ISTANBUL ıstanbul",
    "привет Мир",
    "👍 only emoji 🎉",
    "don't well-known",
    "हिन्दी भाषा",
    "a" * 200,
    "\x01control\x02",
]


async def hits(node: Node, query: str, room_id: str) -> list[str]:
    page = await node.chat.search(ANA, SearchMessages(q=query, room_id=room_id, limit=100))
    return [message.text for message in page.items][::-1]


async def filled(node: Node) -> str:
    room_id = await node.room(TEACHER, ANA)
    for line in LINES:
        await node.chat.send(ANA, room_id, line, None)
    return room_id


def expected(query: str, lines: list[str]) -> list[str]:
    """What should be found, without any index: each run of the query stands in the text, its last word as a prefix."""
    phrases = phrases_of(query)
    if not phrases or sum(map(len, phrases)) > MAX_QUERY_WORDS:
        return []
    return [
        line for line in lines if all(_occurs(list(phrase), words_of(line).split()) for phrase in phrases)
    ]


def _occurs(phrase: list[str], words: list[str]) -> bool:
    for start in range(len(words) - len(phrase) + 1):
        window = words[start : start + len(phrase)]
        if window[:-1] == phrase[:-1] and window[-1].startswith(phrase[-1]):
            return True
    return False


FOUND = [
    ("quick", ["The quick brown fox", "Quicksand is slow"]),
    ("QUICK fox", ["The quick brown fox"]),
    ("fox quick", ["The quick brown fox"]),
    ("uick", []),
    ("grosse", ["Größe und Gruß"]),
    ("größe", ["Größe und Gruß"]),
    ("gruss", ["Größe und Gruß"]),
    ("cafe resume", ["Café, naïve résumé"]),
    ("数学", ["今日は数学のテストです", "数 学 と は"]),
    ("学数", []),
    ("テスト", ["今日は数学のテストです"]),
    ("ไทย", ["ประเทศไทย"]),
    ("3.14", ["x = 3.14 and y_1 = 1e5"]),
    ("1e", ["x = 3.14 and y_1 = 1e5"]),
    ("ana@example.org", ["mail ana@example.org or https://example.org/a?b=c%20d"]),
    ("%", []),
    ("100%", ["100% sure _really_"]),
    ("_", []),
    ("really", ["100% sure _really_"]),
    ('"hello world"', ['say "hello world" (twice)']),
    ("not", ["NOT OR AND NEAR"]),
    ("NOT NEAR", ["NOT OR AND NEAR"]),
    ("angstrom", ["Ångström ﬁne ＦＵＬＬ"]),
    ("fine full", ["Ångström ﬁne ＦＵＬＬ"]),
    ("МИР", ["привет Мир"]),
    ("👍", []),
    ("dont", []),
    ("don't", ["don't well-known"]),
    ("well-known", ["don't well-known"]),
    ("a" * 150, ["a" * 200]),
    ("control", ["\x01control\x02"]),
]
OPERATORS = ['"', "' OR 1=1 --", "* OR *", "-fox", "fox -quick", "( fox", "fox:", "words:fox", "^fox", "NEAR(quick fox)",
     "quick AND NOT fox", "a & b | !c <-> d", "fox:*", "\\", "%_", "fox' & 'quick", "{quick fox}", "+fox", "fox\\"]  # fmt: skip


async def test_words_and_beginnings_of_words_are_found(node: Node) -> None:
    room_id = await filled(node)
    for query, found in FOUND:
        assert await hits(node, query, room_id) == found, query


async def test_operators_are_plain_text(node: Node) -> None:
    room_id = await filled(node)
    for query in OPERATORS:
        assert await hits(node, query, room_id) == expected(query, LINES), query


WORDS = st.sampled_from(
    ["quick", "foxes", "数学", "Größe", "1e5", "0x1f", "3", "14", "a1b2", "naïve", "ﬁ", "ß", "İ"]
)
ANYTHING = st.one_of(
    st.lists(WORDS, min_size=1, max_size=5).map(" ".join),
    st.text(min_size=1, max_size=30).filter(lambda text: bool(text.strip()) and "\x00" not in text),
)


def acceptable(text: str) -> bool:
    try:
        SearchMessages(q=text)
    except ValueError:
        return False
    return True


@settings(
    max_examples=30,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.filter_too_much],
)
@given(
    lines=st.lists(ANYTHING.filter(acceptable), min_size=1, max_size=6),
    queries=st.lists(ANYTHING.filter(acceptable), min_size=1, max_size=4),
    cuts=st.lists(st.integers(1, 10), min_size=1, max_size=4),
)
async def test_any_text_is_found_as_an_index_of_words_says(
    node: Node, lines: list[str], queries: list[str], cuts: list[int]
) -> None:
    room_id = await node.room(TEACHER, ANA)
    for line in lines:
        await node.chat.send(ANA, room_id, line, None)
    beginnings = [line[:cut] for line, cut in zip(lines, cuts, strict=False) if acceptable(line[:cut])]
    for query in [*queries, *lines, *beginnings]:
        assert await hits(node, query, room_id) == expected(query, lines), (query, words_of(query))


async def test_a_query_of_many_words_counts_its_first_ones(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    words = [f"w{number}" for number in range(30)]
    await node.chat.send(ANA, room_id, " ".join(words[:MAX_QUERY_WORDS]), None)
    assert len(await hits(node, " ".join(words), room_id)) == 1


async def test_only_rooms_that_one_may_see_are_searched(node: Node) -> None:
    mine, other = await node.room(TEACHER, ANA), await node.room(TEACHER, BEN)
    opened = await node.room(TEACHER, visibility="open")  # type: ignore[arg-type]  # parsed
    for room_id in (mine, other, opened):
        await node.chat.send(TEACHER, room_id, f"needle {room_id}", None)
    everywhere = await node.chat.search(ANA, SearchMessages(q="needle"))
    assert [message.room_id for message in everywhere.items] == [mine]
    assert [
        hit.room_id for hit in (await node.chat.search(ANA, SearchMessages(q="needle", room_id=opened))).items
    ] == [opened]
    with pytest.raises(NotFound):
        await node.chat.search(ANA, SearchMessages(q="needle", room_id=other))
    assert (await node.chat.search(EVE, SearchMessages(q="needle"))).items == []
    assert (await node.chat.search(ADMIN, SearchMessages(q="needle"))).items == []
    assert len((await node.chat.search(ADMIN, SearchMessages(q="needle", room_id=other))).items) == 1


async def test_edits_and_deletions_change_what_is_found(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    sent = await node.chat.send(ANA, room_id, "before", None)
    await node.chat.edit(ANA, sent.message.id, "after")
    assert await hits(node, "before", room_id) == []
    assert await hits(node, "after", room_id) == ["after"]
    await node.chat.delete(ANA, sent.message.id)
    assert await hits(node, "after", room_id) == []
    assert await hits(node, "before", room_id) == []


async def test_hits_come_in_pages_the_newest_first(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    for number in range(7):
        await node.chat.send(ANA, room_id, f"needle {number}", None)
    seen: list[str] = []
    before = None
    while True:
        page = await node.chat.search(ANA, SearchMessages(q="needle", limit=3, before=before))
        seen += [message.text for message in page.items]
        if not page.has_more:
            break
        before = page.next
    assert seen == [f"needle {number}" for number in reversed(range(7))]
    assert (await node.chat.search(ANA, SearchMessages(q="needle", before="msg_none"))).items == []


async def test_a_very_long_message_of_one_word_again_and_again_is_indexed(node: Node) -> None:
    room_id = await node.room(TEACHER, ANA)
    text = "数" * 7990 + "学 end"
    await node.chat.send(ANA, room_id, text, None)
    assert await hits(node, "end", room_id) == [text]
    assert await hits(node, "数数", room_id) == [text]
