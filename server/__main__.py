"""`python -m server` is `homeroom`."""

import sys

from server.cli import main

sys.exit(main())
