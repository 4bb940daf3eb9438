"""docs/protocol.md: prose from `protocol.in.md`, with the registry's tables and examples put in."""

import re
from collections.abc import Iterable
from pathlib import Path

from contract.errors import ErrorCode
from contract.export import examples
from contract.export.schemas import WireSchemas, wire_schemas
from contract.export.tables import REF, anchor, example, field_table
from contract.messages import MAX_TEXT
from contract.registry import COMMANDS, EVENTS, CommandSpec, EventSpec
from contract.rest import OPERATIONS

PATH = "docs/protocol.md"
TEMPLATE = Path(__file__).with_name("protocol.in.md")

_ENVELOPES = {"LogEvent", "EphemeralEvent", "Problem", "Failed", "ErrorCode", "ErrorBody"}
"""Explained in the prose or under REST."""

_READ = {"Position", "NewMember"}
"""Objects that clients send."""


def protocol_md() -> str:
    """The whole page. Raises KeyError when the template names something that nobody fills in."""
    schemas = wire_schemas(REF + "{model}")
    parts = {
        "connection_ok": example(examples.event("connection.ok")),
        "connection_error": example(examples.event("connection.error")),
        "message_new": example(examples.event("message.new")),
        "typing_start": example(examples.event("typing.start")),
        "log_event": field_table(schemas.definitions["LogEvent"], sent=True),
        "ephemeral_event": field_table(schemas.definitions["EphemeralEvent"], sent=True),
        "ack_error": example(examples.refusal()),
        "error_body": field_table(schemas.definitions["ErrorBody"], sent=True),
        "max_text": str(MAX_TEXT),
        "commands": "\n".join(_command(spec, schemas) for spec in COMMANDS.values()),
        "command_list": _list(f"[`{name}`](#{anchor(name)})" for name in COMMANDS),
        "log_events": "\n".join(_event(spec, schemas) for spec in EVENTS.values() if spec.durable),
        "other_events": "\n".join(_event(spec, schemas) for spec in EVENTS.values() if not spec.durable),
        "errors": _errors(),
        "objects": _objects(schemas),
        "problem": example(examples.wire(examples.problem(ErrorCode.BAD_REQUEST))),
        "operations": _operations(),
    }
    return re.sub(r"{{(\w+)}}\n?", lambda found: parts[found[1]], TEMPLATE.read_text(encoding="utf-8"))


def _list(items: Iterable[str]) -> str:
    return " · ".join(items) + "\n"


def _command(spec: CommandSpec, schemas: WireSchemas) -> str:
    known = examples.examples()
    payload, answer = (
        schemas.definitions[schemas.read(spec.payload)],
        schemas.definitions[schemas.sent(spec.answer)],
    )
    needs = f" Permission: `{spec.action}`." if spec.action else ""
    limits = f" Rate limit: `{spec.limit}`."
    ack = {"ok": True, "data": examples.wire(known[spec.answer])}
    return "\n".join(
        [
            f"### `{spec.name}`\n",
            f"{spec.summary}{needs}{limits}\n",
            _remark(payload),
            "Payload:\n",
            field_table(payload),
            f"```js\nsocket.emitWithAck({spec.name!r}, {_inline(examples.asked(known[spec.payload]))})\n```\n",
            f"Answer: {_remark(answer)}".rstrip() + "\n",
            field_table(answer, sent=True),
            example(ack),
        ]
    )


def _inline(value: object) -> str:
    return example(value).removeprefix("```json\n").removesuffix("\n```\n")


def _remark(schema: dict[str, object]) -> str:
    description = schema.get("description")
    return f"{description}\n" if description else ""


def _event(spec: EventSpec, schemas: WireSchemas) -> str:
    data = schemas.definitions[schemas.sent(spec.data)]
    return "\n".join(
        [
            f"### `{spec.name}`\n",
            f"{spec.summary}\n",
            _remark(data),
            "`data`:\n",
            field_table(data, sent=True),
            example(examples.event(spec.name)),
        ]
    )


def _errors() -> str:
    rows = [
        f"| `{code}` | {code.meaning.sentence} | {int(code.meaning.status)} "
        f"| {'yes' if code.meaning.retryable else 'no'} |"
        for code in ErrorCode
    ]
    return "\n".join(["| Code | Meaning | HTTP status | Retryable |", "|---|---|---|---|", *rows]) + "\n"


def _objects(schemas: WireSchemas) -> str:
    """What payloads, answers and events refer to."""
    shown = _linked(schemas) - _ENVELOPES
    return "\n".join(_object(name, schemas) for name in sorted(shown))


def _object(name: str, schemas: WireSchemas) -> str:
    schema = schemas.definitions[name]
    if "enum" in schema:
        values = ", ".join(f"`{value}`" for value in schema["enum"])
        body = f"One of {values}.\n"
    else:
        body = field_table(schema, sent=name not in _READ and not name.endswith("-Input"))
    return f"### {name}\n\n{_remark(schema)}\n{body}"


def _linked(schemas: WireSchemas) -> set[str]:
    return set(re.findall(rf"'{re.escape(REF)}([\w-]+)'", repr(schemas.definitions)))


def _operations() -> str:
    rows = []
    for spec in OPERATIONS.values():
        asks = " ".join(
            f"{word} `{model.__name__}`"
            for word, model in (("query", spec.query), ("body", spec.body))
            if model
        )
        is_file = spec.media_type != "application/json"
        answer = "" if spec.answer is None else f" `{spec.media_type if is_file else spec.answer.__name__}`"
        rows.append(
            f"| `{spec.method}` | `{spec.path}` | {spec.summary} | {asks} | {int(spec.status)}{answer} |"
        )
    head = ["| Method | Path | | Takes | Answers |", "|---|---|---|---|---|"]
    return "\n".join([*head, *rows]) + "\n"
