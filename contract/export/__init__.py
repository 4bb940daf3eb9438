"""Everything that is generated from the registry: client types, the protocol's description, AsyncAPI, OpenAPI.

`python -m contract.export` writes the files, `python -m contract.export --check` names the stale ones.
"""
