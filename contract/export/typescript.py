"""The client's types: one TypeScript module, written so that it compiles under every strictness flag."""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from contract.base import PROTOCOL_VERSION
from contract.errors import ErrorCode
from contract.export.schemas import Schema, WireSchemas, wire_schemas
from contract.messages import MAX_TEXT
from contract.registry import COMMANDS, EVENTS, EventSpec
from contract.rest import OPERATIONS
from contract.specs import RestSpec, TextFile

PATH = "static_client/src/contract.gen.ts"

_REF = "#/$defs/"
_ENVELOPES = ("LogEvent", "EphemeralEvent", "ErrorCode")
"""Definitions that are written by hand below: the two envelopes as generics, the codes with their table."""

_HEAD = """\
/* eslint-disable */
// Generated from the contract's registry by `python -m contract.export`. Do not edit.
"""

_ENVELOPE_TYPES = """\
/** An event of a room's log. The Socket.IO event's name is `type`, this envelope is its only argument. */
export interface LogEventOf<Type extends string, Data> {
  readonly type: Type;
  readonly id: string;
  readonly room_id: string;
  readonly epoch: string;
  /** Dense from 1 within one epoch of one room. */
  readonly seq: number;
  readonly ts: string;
  readonly actor: Actor;
  readonly data: Data;
  /** What the sender chose, on events that a command made. */
  readonly client_id?: string;
}

/** An event without a place in any log; gone when missed. */
export interface EphemeralEventOf<Type extends string, Data> {
  readonly type: Type;
  readonly ts: string;
  readonly room_id?: string;
  readonly data: Data;
}

/** The answer to every command. */
export type Ack<Answer> = { readonly ok: true; readonly data: Answer } | Failed;
"""

_TAIL = """\
export type CommandName = keyof CommandMap;
export type PayloadOf<Name extends CommandName> = CommandMap[Name]["payload"];
export type AnswerOf<Name extends CommandName> = CommandMap[Name]["answer"];

export type LogEvent = LogEventMap[keyof LogEventMap];
export type EphemeralEvent = EphemeralEventMap[keyof EphemeralEventMap];
export type LogEventType = keyof LogEventMap;
export type EphemeralEventType = keyof EphemeralEventMap;

/** Every event by its Socket.IO name. */
export interface EventMap extends LogEventMap, EphemeralEventMap {}

/** Everything that the server can say of itself; narrow it by `type`. */
export type ServerEvent = LogEvent | EphemeralEvent;
"""


def contract_ts() -> str:
    """The whole module."""
    schemas = wire_schemas(_REF + "{model}")
    parts = [
        _HEAD,
        _constants(),
        _error_codes(),
        *(
            _definition(name, schema)
            for name, schema in sorted(schemas.definitions.items())
            if name not in _ENVELOPES
        ),
        _ENVELOPE_TYPES,
        _command_map(schemas),
        _event_map(schemas, "LogEventMap", "LogEventOf", _events(durable=True)),
        _event_map(schemas, "EphemeralEventMap", "EphemeralEventOf", _events(durable=False)),
        _TAIL,
        _rest(schemas),
    ]
    return "\n".join(parts)


def _constants() -> str:
    lines = [f"export const PROTOCOL_VERSION = {PROTOCOL_VERSION};"]
    lines += [
        _doc("Characters (Unicode code points) of one message.") + f"export const MAX_TEXT = {MAX_TEXT};"
    ]
    for constant, durable in (("LOG_EVENT_TYPES", True), ("EPHEMERAL_EVENT_TYPES", False)):
        names = "".join(f"  {json.dumps(event.name)},\n" for event in _events(durable=durable))
        lines.append(f"export const {constant} = [\n{names}] as const;")
    return "\n".join(lines) + "\n"


def _error_codes() -> str:
    rows = "".join(
        f"  {code}: {{ status: {int(code.meaning.status)}, retryable: {json.dumps(code.meaning.retryable)}, "
        f"meaning: {json.dumps(code.meaning.sentence)} }},\n"
        for code in ErrorCode
    )
    return (
        "/** Every code, its HTTP status, and whether the same request may succeed later. */\n"
        f"export const ERROR_CODES = {{\n{rows}}} as const;\n\nexport type ErrorCode = keyof typeof ERROR_CODES;\n"
    )


def _definition(name: str, schema: Schema) -> str:
    doc = _doc(schema.get("description"))
    if schema.get("type") != "object":
        return f"{doc}export type {_identifier(name)} = {_type(schema)};\n"
    required = set(schema.get("required", ()))
    properties: Mapping[str, Schema] = schema.get("properties", {})
    if not properties:
        return f"{doc}export type {_identifier(name)} = Readonly<Record<string, never>>;\n"
    fields = "".join(
        _field(field, described, optional=field not in required) for field, described in properties.items()
    )
    return f"{doc}export interface {_identifier(name)} {{\n{fields}}}\n"


def _field(name: str, schema: Schema, *, optional: bool) -> str:
    doc = _doc(schema.get("description"), "  ")
    return f"{doc}  readonly {name}{'?' if optional else ''}: {_type(schema)};\n"


def _type(schema: Schema) -> str:
    if "$ref" in schema:
        return _identifier(schema["$ref"].removeprefix(_REF))
    if "anyOf" in schema:
        choices = [choice for choice in schema["anyOf"] if choice.get("type") != "null"]
        return " | ".join(dict.fromkeys(_type(choice) for choice in choices))
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " | ".join(json.dumps(value) for value in schema["enum"])
    return _plain_type(schema)


def _plain_type(schema: Schema) -> str:
    match schema.get("type"):
        case "array":
            return f"ReadonlyArray<{_type(schema['items'])}>"
        case "object":
            values = schema.get("additionalProperties", True)
            return f"Readonly<Record<string, {_type(values) if isinstance(values, dict) else 'unknown'}>>"
        case "integer" | "number":
            return "number"
        case "string" | "boolean" as same:
            return str(same)
        case other:
            raise ValueError(f"no TypeScript type is known for {other!r} in {schema}")


def _command_map(schemas: WireSchemas) -> str:
    rows = "".join(
        f"{_doc(command.summary, '  ')}  {json.dumps(command.name)}: "
        f"{{ payload: {_identifier(schemas.read(command.payload))}; "
        f"answer: {_identifier(schemas.sent(command.answer))} }};\n"
        for command in COMMANDS.values()
    )
    return f"/** Every command: what it takes and what its ack carries. */\nexport interface CommandMap {{\n{rows}}}\n"


def _events(*, durable: bool) -> list[EventSpec]:
    return [event for event in EVENTS.values() if event.durable is durable]


def _event_map(schemas: WireSchemas, title: str, envelope: str, events: Iterable[EventSpec]) -> str:
    rows = "".join(
        f"{_doc(event.summary, '  ')}  {json.dumps(event.name)}: "
        f"{envelope}<{json.dumps(event.name)}, {_identifier(schemas.sent(event.data))}>;\n"
        for event in events
    )
    return f"export interface {title} {{\n{rows}}}\n"


def _rest(schemas: WireSchemas) -> str:
    rows, routes = [], []
    for spec in OPERATIONS.values():
        params = "".join(f"readonly {name}: string; " for name in re.findall(r"{(\w+)}", spec.path))
        query = _identifier(schemas.read(spec.query)) if spec.query else "undefined"
        body = _identifier(schemas.read(spec.body)) if spec.body else "undefined"
        answer = _answer(spec, schemas)
        path_params = f"{{ {params}}}" if params else "Readonly<Record<string, never>>"
        rows.append(
            f"{_doc(spec.summary, '  ')}  {spec.operation}: {{\n    params: {path_params};\n"
            f"    query: {query};\n    body: {body};\n    answer: {answer};\n  }};\n"
        )
        idempotent = json.dumps(spec.idempotency_key)
        routes.append(
            f"  {spec.operation}: {{ method: {json.dumps(spec.method)}, path: {json.dumps(spec.path)}, "
            f"idempotencyKey: {idempotent} }},\n"
        )
    return (
        f"export interface RestMap {{\n{''.join(rows)}}}\n\n"
        f"export const REST_OPERATIONS = {{\n{''.join(routes)}}} as const;\n\n"
        "export type RestOperation = keyof typeof REST_OPERATIONS;\n"
    )


def _identifier(name: str) -> str:
    """Pydantic adds -Input and -Output where what is read differs from what is sent."""
    return name.rstrip("_").replace("-", "")


def _doc(text: Any, indent: str = "") -> str:
    return f"{indent}/** {' '.join(str(text).split())} */\n" if text else ""


def _answer(spec: RestSpec, schemas: WireSchemas) -> str:
    if spec.answer is None:
        return "undefined"
    return "string" if spec.answer is TextFile else _identifier(schemas.sent(spec.answer))
