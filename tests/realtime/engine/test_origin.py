"""Which origins may come in, without a server."""

import pytest

from realtime.engine.origin import canonical_origin, canonical_origins, is_allowed

ALLOWED = canonical_origins(
    frozenset({"https://school.example", "http://localhost:8000", "https://A.example:443/"})
)

MATRIX: list[tuple[list[str], bool]] = [
    ([], True),
    (["https://school.example"], True),
    (["http://localhost:8000"], True),
    (["https://a.example"], True),
    (["null"], False),
    ([""], False),
    (["*"], False),
    (["http://school.example"], False),
    (["https://school.example:8443"], False),
    (["https://school.example:443"], False),
    (["https://school.example/"], False),
    (["https://school.example.evil.example"], False),
    (["https://evilschool.example"], False),
    (["https://sub.school.example"], False),
    (["https://school.example@evil.example"], False),
    (["https://schoo1.example"], False),
    (["https://ѕchool.example"], False),
    (["HTTPS://SCHOOL.EXAMPLE"], False),
    (["https://school.example", "https://school.example"], False),
    (["https://school.example, https://evil.example"], False),
    (["http://localhost"], False),
    (["file://"], False),
    (["http://[::1"], False),
]


@pytest.mark.parametrize(("sent", "expected"), MATRIX, ids=str)
def test_the_allow_list_is_exact(sent: list[str], expected: bool) -> None:
    assert is_allowed(sent, ALLOWED, None) is expected


@pytest.mark.parametrize(
    ("sent", "own", "expected"),
    [
        ("https://own.example", "https://own.example", True),
        ("https://own.example", "https://own.example:443", True),
        ("https://own.example:8443", "https://own.example", False),
        ("http://own.example", "https://own.example", False),
        ("null", "https://own.example", False),
        ("https://own.example", None, False),
        ("http://[::1]:8000", "http://[::1]:8000", True),
    ],
)
def test_the_request_s_own_origin_counts_where_it_is_given(
    sent: str, own: str | None, expected: bool
) -> None:
    assert is_allowed([sent], frozenset(), own) is expected


@pytest.mark.parametrize(
    "wrong", ["school.example", "*", "https://a.example/path", "ftp://a.example", "null", "http://a:x"]
)
def test_a_wrong_entry_of_the_list_is_named(wrong: str) -> None:
    assert canonical_origin(wrong) is None
    with pytest.raises(ValueError, match="not an origin"):
        canonical_origins(frozenset({wrong}))
