"""Nothing is waved through without a word: an ignored finding carries its reason, and no test is skipped."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import project_files, text_of

# In pieces, so that this file is not a finding itself.
_IGNORE = re.compile(r"#\s*(?:type: ig" + r"nore|no" + r"qa)\b(?P<rest>.*)$", re.MULTILINE)
_CODES_AND_REASON = re.compile(r"(?:\[[a-z0-9, -]+\]|:\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)\s+\W*\w.*")
_SKIP = re.compile(
    r"\b(?:pytest\.(?:mark\.)?(?:sk" + r"ip|skipif|xfail|importorsk" + r"ip)|unittest\.sk" + r"ip)"
)


def test_every_ignored_finding_has_its_code_and_its_reason() -> None:
    bare = [
        f"{path}:{text.count(chr(10), 0, found.start()) + 1}: {found.group()}"
        for path in _python_files()
        for text in [text_of(path)]
        for found in _IGNORE.finditer(text)
        if not _CODES_AND_REASON.fullmatch(found["rest"])
    ]
    assert not bare, "say which finding and why, on the same line:\n" + "\n".join(bare)


def test_no_test_is_skipped() -> None:
    skipped = [
        f"{path}: {found.group()}"
        for path in _python_files()
        if path.parts[0] == "tests" and (found := _SKIP.search(text_of(path)))
    ]
    assert not skipped, "a test that cannot run fails and says what it needs:\n" + "\n".join(skipped)


@pytest.mark.parametrize(
    ("rest", "reasoned"),
    [
        ("[attr-defined]  # JSON objects arrive as dicts", True),
        (": TRY004 - told to the one caller", True),
        (": S105, S106  # names of files", True),
        ("[attr-defined]", False),
        (": S105", False),
        ("", False),
        ("  # because", False),
    ],
)
def test_a_code_alone_is_not_a_reason(rest: str, reasoned: bool) -> None:
    assert bool(_CODES_AND_REASON.fullmatch(rest)) is reasoned


def _python_files() -> list[Path]:
    return [path for path in project_files() if path.suffix == ".py"]
