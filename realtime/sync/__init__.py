"""Joining a room and catching up: where the log, membership and presence meet."""
