"""The JSON Schema of loadgen.yml, for editors. Pure."""

from __future__ import annotations

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from loadgen.config.model import Config

__all__ = ["json_schema"]


def json_schema() -> JsonSchemaValue:
    """The JSON Schema (2020-12) of loadgen.yml."""
    return {
        "$schema": GenerateJsonSchema.schema_dialect,
        **Config.model_json_schema(schema_generator=_EditorSchema),
        "title": "loadgen.yml",
    }


class _EditorSchema(GenerateJsonSchema):
    """pydantic's schema without what editors would show for nothing."""

    def field_title_should_be_set(self, schema: core_schema.CoreSchema) -> bool:
        """No titles: each would repeat its key."""
        return False

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """No default of null: it stands for "not given", and null may not be written."""
        if schema.get("default", ...) is None:
            return self.generate_inner(schema["schema"])
        return super().default_schema(schema)
