"""JSON Schema (2020-12) of every model in the registry, as the wire really carries it.

What the server sends never holds null: a field without a value is left out. So a field that may be null is an
optional one in what is sent, and one with any other default is always there. What the server reads may leave out
every field that has a default.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue, models_json_schema
from pydantic_core import core_schema

from contract.ack import Failed
from contract.base import WireModel
from contract.events import EphemeralEvent, LogEvent
from contract.problem import Problem
from contract.registry import COMMANDS, EVENTS
from contract.rest import OPERATIONS
from contract.specs import TextFile

Mode = Literal["validation", "serialization"]
Schema = dict[str, Any]


class WireSchema(GenerateJsonSchema):
    """Pydantic's generator, minus null in what is sent and minus titles that only repeat the field's name."""

    def nullable_schema(self, schema: core_schema.NullableSchema) -> JsonSchemaValue:
        if self.mode == "serialization":
            return self.generate_inner(schema["schema"])
        return super().nullable_schema(schema)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        generated = super().default_schema(schema)
        if self.mode == "serialization" or generated.get("default", ...) is None:
            generated.pop("default", None)
        return generated

    def field_is_required(
        self,
        field: core_schema.ModelField | core_schema.DataclassField | core_schema.TypedDictField,
        total: bool,
    ) -> bool:
        if self.mode == "serialization":
            return not _may_be_null(field["schema"])
        return super().field_is_required(field, total)

    def field_title_should_be_set(self, schema: Any) -> bool:
        return False


def _may_be_null(schema: Mapping[str, Any]) -> bool:
    while schema["type"] == "default":
        schema = schema["schema"]
    return bool(schema["type"] == "nullable")


@dataclass(frozen=True)
class WireSchemas:
    """`definitions` by name, and the name under which each model stands when it is read and when it is sent."""

    definitions: Mapping[str, Schema]
    names: Mapping[tuple[type[WireModel], Mode], str]

    def read(self, model: type[WireModel]) -> str:
        """The definition of what a client may send."""
        return self.names[model, "validation"]

    def sent(self, model: type[WireModel]) -> str:
        """The definition of what a client receives."""
        return self.names[model, "serialization"]


def read_models() -> list[type[WireModel]]:
    """Command payloads, REST queries and REST bodies."""
    models = [command.payload for command in COMMANDS.values()]
    for operation in OPERATIONS.values():
        models += [model for model in (operation.query, operation.body) if model is not None]
    return _once(models)


def sent_models() -> list[type[WireModel]]:
    """Acks, events and REST answers in JSON, with the envelopes they come in."""
    models = [command.answer for command in COMMANDS.values()]
    models += [event.data for event in EVENTS.values()]
    models += [
        operation.answer
        for operation in OPERATIONS.values()
        if operation.answer is not None and operation.answer is not TextFile
    ]
    return _once([*models, LogEvent, EphemeralEvent, Failed, Problem])


def _once(models: Iterable[type[WireModel]]) -> list[type[WireModel]]:
    return list(dict.fromkeys(models))


def wire_schemas(ref_template: str) -> WireSchemas:
    """Every model of the registry and what they are made of; `ref_template` as in pydantic ("#/$defs/{model}")."""
    wanted: list[tuple[type[WireModel], Mode]] = [(model, "validation") for model in read_models()]
    wanted += [(model, "serialization") for model in sent_models()]
    references, document = models_json_schema(wanted, ref_template=ref_template, schema_generator=WireSchema)
    start = ref_template.partition("{model}")[0]
    names = {key: str(value["$ref"]).removeprefix(start) for key, value in references.items()}
    definitions = {name: _tidy(schema) for name, schema in document["$defs"].items()}
    return WireSchemas(definitions, {key: names[key] for key in wanted})


def _tidy(schema: Schema) -> Schema:
    return {key: value for key, value in schema.items() if key != "title"}
