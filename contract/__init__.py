"""THE WIRE: every command, event, error code and REST body, typed, in one place.

Imports nothing of ours. `contract.registry` is the one table from which the client's TypeScript types, docs/protocol.md,
the AsyncAPI and the OpenAPI documents are generated.
"""
