"""The Python client for bots, on the contract alone."""
