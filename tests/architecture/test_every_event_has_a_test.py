"""No command and no event of the wire goes untested: each name stands, quoted, in a test that is not about architecture."""

import re

from contract.registry import COMMANDS, EVENTS
from tests.architecture.sources import project_files, text_of

_QUOTED = re.compile(r"""["']([a-z_]+(?:[.:][a-z_.:]+)?)["']""")


def test_every_command_has_a_test() -> None:
    untested = sorted(set(COMMANDS) - _quoted_in_tests())
    assert not untested, "no test under tests/ sends: " + ", ".join(untested)


def test_every_event_has_a_test() -> None:
    untested = sorted(set(EVENTS) - _quoted_in_tests())
    assert not untested, "no test under tests/ waits for: " + ", ".join(untested)


def _quoted_in_tests() -> set[str]:
    tests = [path for path in project_files() if path.parts[0] == "tests" and path.suffix == ".py"]
    elsewhere = [path for path in tests if "architecture" not in path.parts]
    return {name for path in elsewhere for name in _QUOTED.findall(text_of(path))}
