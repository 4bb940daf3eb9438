"""The AsyncAPI 3.0 document of the socket: one channel, the connection; commands are received, events are sent."""

import json
from typing import Any

from contract.ack import Failed
from contract.base import PROTOCOL_VERSION
from contract.export import examples
from contract.export.schemas import Schema, WireSchemas, wire_schemas
from contract.registry import COMMANDS, EVENTS, CommandSpec, EventSpec

PATH = "docs/asyncapi.json"

_REF = "#/components/schemas/{model}"
_CHANNEL = "#/channels/connection"


def asyncapi_json() -> str:
    """The document as text."""
    return json.dumps(asyncapi(), ensure_ascii=False, indent=2) + "\n"


def asyncapi() -> dict[str, Any]:
    """The document."""
    schemas = wire_schemas(_REF)
    messages: dict[str, Schema] = {}
    for command in COMMANDS.values():
        messages[command.name] = _command_message(command, schemas)
        messages[_answer_name(command)] = _answer_message(command, schemas)
    for event in EVENTS.values():
        messages[event.name] = _event_message(event, schemas)
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Homeroom",
            "version": str(PROTOCOL_VERSION),
            "description": "What goes over the Socket.IO connection. The rules in words: docs/protocol.md.",
        },
        "defaultContentType": "application/json",
        "servers": {
            "homeroom": {
                "host": "homeroom.example",
                "protocol": "wss",
                "pathname": "/socket.io/",
                "description": "Socket.IO protocol 5. The token goes into the CONNECT packet: `auth: {token}`.",
                "security": [{"$ref": "#/components/securitySchemes/token"}],
            }
        },
        "channels": {"connection": _channel(messages)},
        "operations": {**_receive_operations(), **_send_operations()},
        "components": {
            "messages": {_key(name): message for name, message in messages.items()},
            "schemas": dict(sorted(schemas.definitions.items())),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
            },
        },
    }


def _channel(messages: dict[str, Schema]) -> Schema:
    return {
        "address": "/",
        "description": "The Socket.IO namespace. A message's name is the Socket.IO event name.",
        "messages": {_key(name): {"$ref": f"#/components/messages/{_key(name)}"} for name in messages},
    }


def _receive_operations() -> dict[str, Schema]:
    """From the server's side: it receives a command and replies with its acknowledgement."""
    return {
        _key(command.name): {
            "action": "receive",
            "channel": {"$ref": _CHANNEL},
            "summary": command.summary,
            "messages": [{"$ref": f"{_CHANNEL}/messages/{_key(command.name)}"}],
            "reply": {
                "channel": {"$ref": _CHANNEL},
                "messages": [{"$ref": f"{_CHANNEL}/messages/{_key(_answer_name(command))}"}],
            },
        }
        for command in COMMANDS.values()
    }


def _send_operations() -> dict[str, Schema]:
    return {
        _key(event.name): {
            "action": "send",
            "channel": {"$ref": _CHANNEL},
            "summary": event.summary,
            "messages": [{"$ref": f"{_CHANNEL}/messages/{_key(event.name)}"}],
        }
        for event in EVENTS.values()
    }


def _command_message(command: CommandSpec, schemas: WireSchemas) -> Schema:
    return {
        "name": command.name,
        "summary": command.summary,
        "payload": {"$ref": _REF.format(model=schemas.read(command.payload))},
        "examples": [{"payload": examples.asked(examples.examples()[command.payload])}],
    }


def _answer_message(command: CommandSpec, schemas: WireSchemas) -> Schema:
    done = {
        "type": "object",
        "properties": {
            "ok": {"const": True},
            "data": {"$ref": _REF.format(model=schemas.sent(command.answer))},
        },
        "required": ["ok", "data"],
    }
    data = examples.wire(examples.examples()[command.answer])
    return {
        "name": _answer_name(command),
        "summary": f"The acknowledgement of `{command.name}`.",
        "payload": {"oneOf": [done, {"$ref": _REF.format(model=schemas.sent(Failed))}]},
        "examples": [{"payload": {"ok": True, "data": data}}, {"payload": examples.refusal()}],
    }


def _event_message(event: EventSpec, schemas: WireSchemas) -> Schema:
    envelope = "LogEvent" if event.durable else "EphemeralEvent"
    special = {
        "properties": {
            "type": {"const": event.name},
            "data": {"$ref": _REF.format(model=schemas.sent(event.data))},
        }
    }
    return {
        "name": event.name,
        "summary": event.summary,
        "payload": {"allOf": [{"$ref": _REF.format(model=envelope)}, special]},
        "examples": [{"payload": examples.event(event.name)}],
    }


def _answer_name(command: CommandSpec) -> str:
    return f"{command.name}:answer"


def _key(name: str) -> str:
    """Keys of components may hold neither colons nor, for some tools, dots."""
    return name.replace(":", "-").replace(".", "_")
