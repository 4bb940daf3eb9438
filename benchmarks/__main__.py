"""`python -m benchmarks [ROW …]`: every row, or the named ones, side by side with the peers."""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from benchmarks import report
from benchmarks.rows import ROWS, Bench, Round


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="benchmarks", description="Homeroom's engine beside its peers.")
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}")
    parser.add_argument("--seconds", type=float, default=8, help="how long one measurement takes")
    parser.add_argument("--rounds", type=int, default=3, help="how often each pair is measured")
    parser.add_argument("--scale", type=float, default=1, help="below 1: fewer clients, for a quick look")
    parser.add_argument(
        "--nice", type=int, default=0, help="priority of servers and load; below 0 needs root"
    )
    parser.add_argument("--name", default="latest", help="of the file in benchmarks/results")
    given = parser.parse_args(arguments)
    unknown = set(given.rows) - set(ROWS)
    if unknown:
        parser.error(f"no such row: {', '.join(sorted(unknown))}")
    if (os.cpu_count() or 1) < 2:
        parser.error("servers and load need a core each")
    asyncio.run(_run(given))
    return 0


async def _run(given: argparse.Namespace) -> None:
    around, rows = report.machine(), []
    with tempfile.TemporaryDirectory(prefix="homeroom-bench-") as name:
        bench = Bench(Path(name), given.seconds, given.nice, given.scale)
        for key in given.rows or ROWS:
            rounds: list[Round] = []
            for _ in range(given.rounds):
                try:
                    rounds.append(await ROWS[key].run(bench))
                except RuntimeError as error:
                    print(f"{key}: {error}", file=sys.stderr, flush=True)
            if rounds:
                rows.append(report.entry(ROWS[key], rounds))
                print(report.line(rows[-1]), flush=True)
    around["load_average_after"] = os.getloadavg()
    path = report.write(given.name, rows, around)
    report.plot(rows, path.with_suffix(".svg"))
    print(f"written to {path}")


if __name__ == "__main__":
    sys.exit(main())
