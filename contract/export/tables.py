"""Models as Markdown: a table of fields, with shared objects linked to their own table."""

import json
from collections.abc import Mapping
from typing import Any

from contract.export.schemas import Schema

REF = "#/$defs/"

SECTIONS = {"LogEvent": "events-of-a-rooms-log", "ErrorCode": "errors"}
"""Models that have a section of their own in the page."""

_MAX_SAFE = 2**53 - 1


def field_table(schema: Schema, *, sent: bool = False) -> str:
    """The fields of an object; a sentence where it has none. `sent` by the server, or read by it."""
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if not properties:
        return "An empty object, `{}`.\n"
    required = set(schema.get("required", ()))
    rows = [
        f"| `{name}` | {kind(field)} | {'yes' if name in required else 'no'} | {_notes(field)} |"
        for name, field in properties.items()
    ]
    return (
        "\n".join(
            [f"| Field | Type | {'Always there' if sent else 'Required'} | |", "|---|---|---|---|", *rows]
        )
        + "\n"
    )


def kind(schema: Schema) -> str:
    """The type in words a JSON reader knows, with its bounds."""
    if "$ref" in schema:
        name = schema["$ref"].removeprefix(REF)
        return f"[{name.rstrip('_')}](#{anchor(name)})"
    if "anyOf" in schema:
        choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
        return " or ".join(kind(choice) for choice in choices)
    if "enum" in schema:
        return ", ".join(f"`{json.dumps(value)}`" for value in schema["enum"])
    if "const" in schema:
        return f"`{json.dumps(schema['const'])}`"
    return _plain(schema)


def anchor(name: str) -> str:
    """Where a Markdown renderer puts a heading with this text."""
    if name in SECTIONS:
        return SECTIONS[name]
    kept = (character for character in name.lower().rstrip("_") if character.isalnum() or character in "-_ ")
    return "".join(kept).replace(" ", "-")


def example(value: Any, comment: str = "json") -> str:
    """A fenced block."""
    return f"```{comment}\n{json.dumps(value, ensure_ascii=False, indent=2)}\n```\n"


def _plain(schema: Schema) -> str:
    match schema.get("type"):
        case "array":
            most = f" (at most {schema['maxItems']})" if "maxItems" in schema else ""
            return f"list of {kind(schema['items'])}{most}"
        case "object":
            values = schema.get("additionalProperties")
            most = f" (at most {schema['maxProperties']})" if "maxProperties" in schema else ""
            return f"object: key → {kind(values)}{most}" if isinstance(values, dict) else "object"
        case "string":
            return _string(schema)
        case "integer":
            return _integer(schema)
        case other:
            return str(other)


def _string(schema: Schema) -> str:
    if schema.get("format") == "date-time":
        return "time (ISO 8601, UTC)"
    if "maxLength" in schema:
        return f"string, {schema.get('minLength', 0)} to {schema['maxLength']} characters"
    return "string"


def _integer(schema: Schema) -> str:
    low, high = schema.get("minimum", 0), schema.get("maximum", _MAX_SAFE)
    return f"integer, {low} to {high}" if high < _MAX_SAFE else "integer"


def _notes(schema: Schema) -> str:
    inner: Schema = next((choice for choice in schema.get("anyOf", ()) if "description" in choice), {})
    described = {**inner, **schema}
    notes = [described["description"]] if "description" in described else []
    if "default" in schema:
        notes.append(f"Default `{json.dumps(schema['default'])}`.")
    if schema.get("pattern", "").startswith("^("):
        notes.append(f"Pattern `{schema['pattern']}`.".replace("|", "\\|"))
    return " ".join(notes)
