"""The port between nodes and its adapters."""
