"""`python -m contract.export [--check]`."""

import sys
from pathlib import Path

from contract.export.files import GENERATORS, check, write

ROOT = Path(__file__).resolve().parents[2]


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 when `--check` found stale files, 2 for a misspelt option."""
    if arguments == ["--check"]:
        stale = check(ROOT, GENERATORS)
        for path in stale:
            print(f"stale: {path} (run `python -m contract.export`)")
        return 1 if stale else 0
    if arguments:
        print("usage: python -m contract.export [--check]", file=sys.stderr)
        return 2
    for path in write(ROOT, GENERATORS):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
