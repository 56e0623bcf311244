"""The OpenAPI 3.1 document, made from the route table and its pydantic models."""

from __future__ import annotations

import inspect
import mimetypes
import re
from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel, TypeAdapter
from pydantic.json_schema import models_json_schema

from shared.auth import PUBLIC, SIGNATURE
from shared.errors import BadInput, NotAllowed, NotFound, NotSignedIn, Refusal, Unavailable
from shared.http.routes import Route
from shared.service import Service

REF = "#/components/schemas/{model}"
_PROBLEM = {
    "type": "object",
    "description": "RFC 9457 problem; `type` ends in a stable slug.",
    "required": ["type", "title", "status", "detail"],
    "properties": {
        "type": {"type": "string", "examples": ["/problems/not-found"]},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong and what to do, in the caller's language."},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}


def openapi(services: Iterable[Service], server_url: str) -> dict[str, Any]:
    """Make the document of some services' API routes; pages and other raw routes are left out."""
    routes = [(service, route) for service in services for route in service.routes.all if _documented(route)]
    bodies = {route.body for _, route in routes if route.body}
    answers = {route.answer for _, route in routes if route.answer}
    models = [model for model in answers if isinstance(model, type) and issubclass(model, BaseModel)]
    named, definitions = models_json_schema(
        [
            *((model, "validation") for model in sorted(bodies, key=repr)),
            *((m, "serialization") for m in sorted(models, key=repr)),
        ],
        ref_template=REF,
    )
    paths: dict[str, dict[str, Any]] = {}
    for service, route in routes:
        path = re.sub(r"{(\w+):[^}]*}", r"{\1}", route.path)
        paths.setdefault(path, {})[route.method.lower()] = _operation(service, route, named)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "urunbeli",
            "version": "1",
            "description": "Money is whole rupiah (`*_idr`), times are RFC 3339 in UTC, ids are UUIDs. "
            "Lists are paged by `cursor`; refusals are `application/problem+json`.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": server_url}],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": {**definitions.get("$defs", {}), "Problem": _PROBLEM},
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
    }


def _documented(route: Route) -> bool:
    return route.path.startswith("/api/")


def _operation(service: Service, route: Route, named: dict[Any, Any]) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{service.name}_{route.name}",
        "summary": route.summary,
        "description": inspect.cleandoc(route.handle.__doc__ or ""),
        "tags": [service.name],
        "x-policy": route.policy.name,
        "parameters": _parameters(route),
        "responses": _responses(route, named),
        "security": [] if route.policy in {PUBLIC, SIGNATURE} else [{"token": []}],
    }
    if route.body is not None:
        operation["requestBody"] = {
            "required": any(field.is_required() for field in route.body.model_fields.values()),
            "content": {"application/json": {"schema": named[route.body, "validation"]}},
        }
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": _path_schema(name)} for name in route.parameters
    ]
    if route.query is not None:
        schema = TypeAdapter(route.query).json_schema(ref_template=REF)
        for name, property_schema in schema["properties"].items():
            parameters.append(
                {
                    "name": name,
                    "in": "query",
                    "required": name in schema.get("required", []),
                    "schema": _nullable_off(property_schema),
                }
            )
    if route.method == "POST" and route.remembers:
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": route.money,
                "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[ -~]+$"},
            }
        )
    return parameters


def _path_schema(name: str) -> dict[str, Any]:
    return {"type": "string", "format": "uuid"} if name.endswith("_id") else {"type": "string"}


def _nullable_off(schema: dict[str, Any]) -> dict[str, Any]:
    """A query parameter is absent, never null."""
    if "anyOf" not in schema:
        return schema
    options = [option for option in schema["anyOf"] if option.get("type") != "null"]
    about = {key: value for key, value in schema.items() if key not in {"anyOf", "default"}}
    return {**about, **(options[0] if len(options) == 1 else {"anyOf": options})}


def _responses(route: Route, named: dict[Any, Any]) -> dict[str, Any]:
    refusals: list[type[Refusal]] = [BadInput, *route.refusals, Unavailable]
    if route.policy not in {PUBLIC, SIGNATURE}:
        refusals += [NotSignedIn, NotAllowed]
    if route.parameters:
        refusals.append(NotFound)
    content: dict[str, Any] = {"description": "Done."}
    if route.answer is not None:
        media_type = route.media_type or mimetypes.guess_type(route.path)[0] or "application/json"
        content["content"] = {media_type: {"schema": named.get((route.answer, "serialization"), {})}}
    by_status: dict[int, list[str]] = {}
    for refusal in refusals:
        by_status.setdefault(refusal.status, []).append(refusal.slug)
    problems = {
        str(status): {
            "description": ", ".join(sorted(set(slugs))),
            "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
        }
        for status, slugs in sorted(by_status.items())
    }
    general = {
        "default": {
            "description": "Any other refusal.",
            "content": {"application/problem+json": {"schema": {"$ref": REF.format(model="Problem")}}},
        }
    }
    done = {str(204 if route.answer is None and not route.raw else route.status): content}
    if route.status_if_there is not None:
        done[str(route.status_if_there)] = {**content, "description": "It was there already."}
    return {**done, **problems, **general}
