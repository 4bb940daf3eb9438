"""Packages are named, never where they are fetched from: that is the business of whoever installs."""

import re

from tests.architecture.sources import project_files, text_of

# In pieces, so that this file does not name them either.
_HOSTS = re.compile(
    "|".join(
        (
            r"np" + r"mjs\.(org|com)",
            r"yarn" + r"pkg\.com",
            r"py" + r"pi\.(org|io)",
            r"python" + r"hosted",
            r"(deb|security)\.deb" + r"ian\.org",
            r"archive\.ubu" + r"ntu\.com",
        )
    ),
    re.IGNORECASE,
)


def test_no_file_names_a_package_registry() -> None:
    named = [
        f"{path}:{number}: {line.strip()[:100]}"
        for path in project_files()
        for number, line in enumerate(text_of(path).splitlines(), start=1)
        if _HOSTS.search(line)
    ]
    assert not named, "take the host out (for package-lock.json see static_client/.npmrc):\n" + "\n".join(
        named[:20]
    )
