"""What is generated from the contract, the settings and the permissions is what they say now."""

import subprocess
import sys

import pytest

from tests.architecture.sources import ROOT


@pytest.mark.parametrize("generator", ["contract.export", "scripts.generated_docs"])
def test_generated_files_are_fresh(generator: str) -> None:
    check = subprocess.run(
        [sys.executable, "-m", generator, "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert check.returncode == 0, (
        f"run `make contract` and commit what it writes\n{check.stdout}{check.stderr}"
    )
