"""What a run leaves behind: a table, a file of JSON, and a plot."""

import json
import os
import platform
import statistics
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.rows import Round, Row

RESULTS = Path(__file__).parent / "results"


def entry(row: Row, rounds: Sequence[Round]) -> dict[str, object]:
    """One row of the file. Void rounds are left out, unless all are."""
    good = [one for one in rounds if not one.void] or list(rounds)
    ratios = [one.ratio for one in good]
    shares = [one.notes["per_cpu_ratio"] for one in good if "per_cpu_ratio" in one.notes]
    return {
        "work": row.work,
        "unit": row.unit,
        "peer": row.peer,
        "ours": statistics.median(one.ours for one in good),
        "theirs": statistics.median(one.peer for one in good),
        "ratio": {"min": min(ratios), "median": statistics.median(ratios), "max": max(ratios)},
        "ratio_per_cpu_second": statistics.median(shares) if shares else None,
        "needed": row.needed,
        "reached": statistics.median(ratios) >= row.needed,
        "void": all(one.void for one in rounds),
        "rounds": [vars(one) for one in rounds],
    }


def machine() -> dict[str, object]:
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    return {
        "cpu": model,
        "cores": os.cpu_count(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_average": os.getloadavg(),
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }


def write(name: str, rows: Sequence[dict[str, object]], around: Mapping[str, object]) -> Path:
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.json"
    path.write_text(json.dumps({**around, "rows": rows}, indent=1, ensure_ascii=False) + "\n")
    return path


def line(row: Mapping[str, object]) -> str:
    ratio = row["ratio"]
    assert isinstance(ratio, dict)
    mark = "void" if row["void"] else "yes" if row["reached"] else "NO"
    return (
        f"{row['work']!s:45} {row['ours']:>12,.1f} {row['theirs']:>12,.1f} {row['unit']!s:14} "
        f"x {ratio['median']:5.2f} ({ratio['min']:.2f} to {ratio['max']:.2f}), needs {row['needed']:.2f}: {mark:4} {row['peer']}"
    )


def plot(rows: Sequence[Mapping[str, object]], path: Path) -> None:
    """Bars of the ratios, with what was needed as a line, in SVG."""
    height, left, scale = 26, 330, 130.0
    parts = []
    for index, row in enumerate(rows):
        ratio = row["ratio"]
        assert isinstance(ratio, dict)
        top = 30 + index * height
        wide = min(4.0, ratio["median"]) * scale
        needed = left + float(str(row["needed"])) * scale
        colour = "#2f7d4f" if row["reached"] else "#b4552d"
        parts.append(
            f'<text x="{left - 8}" y="{top + 14}" text-anchor="end">{row["work"]} / {row["peer"]}</text>'
            f'<rect x="{left}" y="{top + 3}" width="{wide:.0f}" height="15" fill="{colour}"/>'
            f'<line x1="{needed:.0f}" x2="{needed:.0f}" y1="{top}" y2="{top + 21}" stroke="#222" stroke-width="2"/>'
            f'<text x="{left + wide + 6:.0f}" y="{top + 14}">{ratio["median"]:.2f}</text>'
        )
    size = 30 + len(rows) * height + 10
    path.write_text(
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 900 {size}" font-family="sans-serif" font-size="11">'
        f'<rect width="900" height="{size}" fill="white"/>'
        '<text x="10" y="16">Ours as a multiple of the peer; the line is what was asked for</text>'
        + "".join(parts)
        + "</svg>\n"
    )
