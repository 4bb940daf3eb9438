"""What is generated from the contract's registry is what the registry says now."""

import subprocess
import sys

from tests.architecture.sources import ROOT


def test_generated_files_are_fresh() -> None:
    check = subprocess.run(
        [sys.executable, "-m", "contract.export", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert check.returncode == 0, (
        f"run `make contract` and commit what it writes\n{check.stdout}{check.stderr}"
    )
