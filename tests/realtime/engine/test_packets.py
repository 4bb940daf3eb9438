"""Strict reading of Socket.IO packets, without a server."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from realtime.engine import frame
from realtime.engine.packets import read
from realtime.engine.reasons import ProtocolViolation

ACCEPTED: dict[str, tuple[int, str, int | None, Any]] = {
    "0": (0, "/", None, None),
    '0{"token":"t"}': (0, "/", None, {"token": "t"}),
    "0/admin,": (0, "/admin", None, None),
    "0/admin": (0, "/admin", None, None),
    '0/admin?x=1,{"a":1}': (0, "/admin", None, {"a": 1}),
    "1": (1, "/", None, None),
    '2["a"]': (2, "/", None, ["a"]),
    '20["a"]': (2, "/", 0, ["a"]),
    '2999999999999999["a",1.5,null]': (2, "/", 999999999999999, ["a", 1.5, None]),
    '2/x,7["a","b,c"]': (2, "/x", 7, ["a", "b,c"]),
    '2["__proto__",{"__proto__":{"x":1}}]': (2, "/", None, ["__proto__", {"__proto__": {"x": 1}}]),
    '2["\\ud800"]': (2, "/", None, ["\ud800"]),
    '2["a",[],"' + "[" * 100 + '"]': (2, "/", None, ["a", [], "[" * 100]),
    '2["a"' + ",[]" * 100 + "]": (2, "/", None, ["a", *([[]] * 100)]),
    "31[]": (3, "/", 1, []),
}

REFUSED = [
    "",
    "7",
    "9",
    "x",
    "2",
    "3",
    "31",
    "3[]",
    '4{"message":"no"}',
    "2{}",
    '2"a"',
    "2[]",
    "2[1]",
    "2[null]",
    "2[[]]",
    '2["a"',
    '2["a"] x',
    '2["a",NaN]',
    '2["a",Infinity]',
    '2["a",-Infinity]',
    '2["a",1e999]',
    '2["connect"]',
    '2["disconnect"]',
    '2["connect_error"]',
    '2["disconnecting"]',
    '2["newListener"]',
    '2["removeListener"]',
    "2" + "1" * 16 + '["a"]',
    "2" + "1" * 101 + '["a"]',
    '2-1["a"]',
    '2٣["a"]',
    '21-["a",{"_placeholder":true,"num":0}]',
    '50-["a"]',
    '2/x["a"]',
    "0[]",
    '0"token"',
    "05{}",
    "1{}",
    "11",
    "2" + "[" * 60_000,
    "2" + '["a",' + "[" * 20_000 + "]" * 20_000 + "]",
    "2" + '["a",' + "[" * 64 + "]" * 64 + "]",
    "2" + '["a",' + '{"k":' * 64 + "1" + "}" * 64 + "]",
    "2[" + "9" * 5000 + "]",
    '2["' + '\\"' * 30_000,
]


@pytest.mark.parametrize("text", ACCEPTED, ids=lambda text: text[:30])
def test_what_the_protocol_allows_is_read(text: str) -> None:
    packet = read("4" + text)
    assert (packet.kind, packet.namespace, packet.id, packet.data) == ACCEPTED[text]


@pytest.mark.parametrize("text", [text for text in REFUSED if text], ids=lambda text: text[:30])
def test_what_the_protocol_does_not_allow_is_an_error_without_the_text(text: str) -> None:
    with pytest.raises(ProtocolViolation) as caught:
        read("4" + text)
    assert text not in str(caught.value)


@pytest.mark.parametrize("value", ["Grüße 👋", "\ud800", "\u2028", '"\\', "\x00", "</script>"])
def test_every_text_can_be_sent(value: str) -> None:
    encoded = frame.event("e", {"text": value}).encoded
    assert encoded.startswith(b"42")
    assert json.loads(encoded[2:]) == ["e", {"text": value}]


def test_a_frame_is_compact_and_knows_its_size() -> None:
    made = frame.event("e", {"a": ["ü", 1]})
    assert made.encoded == '42["e",{"a":["ü",1]}]'.encode()
    assert made.size == len(made.encoded)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_number_in_json_becomes_null_as_in_javascript(value: float) -> None:
    assert frame.event("e", [value]).encoded == b'42["e",[null]]'


@pytest.mark.parametrize("value", [{1: "a"}, {"n": 2**70}])
def test_what_orjson_refuses_and_json_does_not_is_sent(value: object) -> None:
    assert json.loads(frame.event("e", value).encoded[2:])[1] in ({"1": "a"}, {"n": 2**70})


@pytest.mark.parametrize("value", [{1, 2}, b"bytes", object()])
def test_what_is_not_json_cannot_be_encoded(value: object) -> None:
    with pytest.raises((TypeError, ValueError)):
        frame.event("e", value)


@settings(max_examples=500, deadline=None)
@given(
    st.text(min_size=1)
    | st.from_regex(
        r"[0-9]([0-9]{1,3}-)?(/[a-z]*,)?[0-9]{0,20}[\[\{\]\}\",:a-z0-9eE.+-]{0,40}", fullmatch=True
    )
)
def test_any_text_is_a_packet_or_a_violation(text: str) -> None:
    try:
        packet = read("4" + text)
    except ProtocolViolation:
        return
    assert packet.kind in {0, 1, 2, 3, 5, 6}
    assert (packet.attachments > 0) == (packet.kind in {5, 6})
