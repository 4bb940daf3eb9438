"""The bytes between nodes: what is written can be read, and nothing else can do harm."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from realtime.bus.codec import Unsendable, decode, encode
from realtime.bus.port import MAX_BODY_BYTES, MAX_NOTICE_BYTES, Notice

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=20,
)


@given(texts, texts, texts, st.dictionaries(texts, values, max_size=5))
def test_a_notice_survives_the_wire(kind: str, key: str, node: str, body: dict[str, object]) -> None:
    notice = Notice(kind, key, node, body)
    assert decode(encode(notice)) == notice


@given(
    st.binary(max_size=200)
    | st.recursive(scalars, lambda inner: st.lists(inner)).map(lambda value: json.dumps(value).encode())
)
def test_anything_else_reads_as_none(payload: bytes) -> None:
    assert decode(payload) is None


@pytest.mark.parametrize("payload", [None, 7, "text", [b"x"], b"9" * 5000, b"x" * (MAX_NOTICE_BYTES + 1)])
def test_what_is_not_even_a_payload_reads_as_none(payload: object) -> None:
    assert decode(payload) is None


def test_text_that_is_not_ascii_weighs_its_utf8_bytes() -> None:
    body = {"text": "я" * (MAX_BODY_BYTES // 2 - 20)}
    assert len(encode(Notice("log", "room_1", "node_1", body))) < MAX_NOTICE_BYTES


def test_a_refusal_names_the_kind_and_never_the_content() -> None:
    with pytest.raises(Unsendable) as refusal:
        encode(Notice("log", "room_1", "a", {"text": "CANARY" * MAX_NOTICE_BYTES}))
    assert "log" in str(refusal.value)
    assert "CANARY" not in str(refusal.value)
