"""Writes what is made from code other than the contract: `python -m scripts.generated_docs [--check]`."""

import sys
from pathlib import Path

from auth import permissions
from contract.export.files import Generators, check, write
from server import settings
from signaling import negotiation_ts

ROOT = Path(__file__).resolve().parents[1]

_NOTICE = "<!-- Made by `make contract`; not edited by hand. -->\n"


def configuration() -> str:
    return f"""{_NOTICE}
# Configuration

Everything is an environment variable, or a line of a file `.env` in the folder where `homeroom` is started; the environment wins.
An empty value counts as not set. A name that begins with `{settings.PREFIX}` and is not in this table is refused, and so is a
value that cannot be right: the server says what to mend and does not start. `homeroom check-config` tries it without serving.

{settings.table_markdown()}"""


def permission_tables() -> str:
    return f"""{_NOTICE}
# Who may do what

Decided in `auth/permissions.py`, by these tables alone. Who may not see a room gets the same answer as for one that does not
exist.

{permissions.table_markdown()}"""


GENERATORS: Generators = {
    "docs/configuration.md": configuration,
    "docs/permissions.md": permission_tables,
    negotiation_ts.PATH: negotiation_ts.table_ts,
    negotiation_ts.OUTCOMES_PATH: negotiation_ts.outcomes_json,
}


def main(arguments: list[str]) -> int:
    """0 when all is well, 1 when `--check` found a stale page."""
    if arguments == ["--check"]:
        stale = check(ROOT, GENERATORS)
        for path in stale:
            print(f"stale: {path} (run `make contract`)")
        return 1 if stale else 0
    for path in write(ROOT, GENERATORS):
        print(f"wrote {path}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
