"""`python -m benchmarks [fanout] …`: the named benchmark, with its own options; the first one when none is named."""

import sys

from benchmarks import fanout

_BENCHMARKS = {"fanout": fanout.main}

if __name__ == "__main__":
    name, *options = sys.argv[1:] or ["fanout"]
    if name not in _BENCHMARKS:
        sys.exit(f"no benchmark {name!r}; there are: {', '.join(_BENCHMARKS)}")
    sys.exit(_BENCHMARKS[name](options))
