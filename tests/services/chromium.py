"""Which Chromium the tests drive, and how it is started. `python -m tests.services.chromium` prints its path."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.services.process import MissingProgram

_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium_path() -> Path:
    """The first browser that starts: $CHROMIUM, one on PATH, one that Playwright fetched.

    Ubuntu's `chromium-browser` can be a script that only asks for a snap, so each is asked for its version.
    """
    for candidate in _candidates():
        if _starts(candidate):
            return candidate
    raise MissingProgram("a working Chromium", "chromium  (on Ubuntu: sudo snap install chromium)")


def chromium_arguments() -> list[str]:
    """For headless runs: quiet on the network, and without the sandbox when root, for whom it does not start."""
    arguments = [
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-dev-shm-usage",
        "--disable-gpu",
        "--disable-quic",
        "--disable-sync",
        "--no-first-run",
    ]
    return ["--no-sandbox", *arguments] if os.geteuid() == 0 else arguments


def _candidates() -> Iterator[Path]:
    named = os.environ.get("CHROMIUM")
    if named:
        yield Path(named)
    yield from (Path(found) for name in _NAMES if (found := shutil.which(name)))
    fetched = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache/ms-playwright"))
    yield from sorted(fetched.glob("chromium-*/chrome-linux*/chrome"), reverse=True)


def _starts(candidate: Path) -> bool:
    try:
        done = subprocess.run([candidate, "--version"], capture_output=True, timeout=60, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0 and b"Chrom" in done.stdout


if __name__ == "__main__":
    try:
        print(chromium_path())
    except MissingProgram as missing:
        sys.exit(str(missing))
