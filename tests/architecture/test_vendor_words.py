"""A vendor of video meetings is known to its own file under meetings/providers/ and to nobody else."""

import re
from pathlib import Path

import pytest

from tests.architecture.sources import PACKAGES, project_files, text_of

_VENDORS = re.compile(r"zoom|graph\.microsoft|microsoftonline|8x8", re.IGNORECASE)
_VENDOR_ADDRESSES = re.compile(r"zoom\.us|graph\.microsoft|microsoftonline|8x8\.vc", re.IGNORECASE)
_PROVIDERS = Path("meetings/providers")


def test_server_code_names_a_vendor_only_among_the_providers() -> None:
    named = [
        f"{path}: {found.group()}"
        for path in project_files()
        if path.parts[0] in PACKAGES and not path.is_relative_to(_PROVIDERS)
        if (found := _VENDORS.search(text_of(path)))
    ]
    assert not named, "move it to its provider's file:\n" + "\n".join(named)


def test_the_web_client_knows_no_vendor_address() -> None:
    sources = [path for path in project_files() if path.is_relative_to("static_client/src")]
    named = [
        f"{path}: {found.group()}" for path in sources if (found := _VENDOR_ADDRESSES.search(text_of(path)))
    ]
    assert not named, "the server gives the link; take the address out:\n" + "\n".join(named)


@pytest.mark.parametrize(
    "line", ['URL = "https://api.zoom.us/v2"', "class ZoomProvider: ...", "# as 8x8 does"]
)
def test_a_vendor_is_recognised(line: str) -> None:
    assert _VENDORS.search(line)
