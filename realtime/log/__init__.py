"""The append-only log of every room: append with group commit, read since, deliver in order."""
