"""The specification (OpenAPI 3.1), written from the routes and what their handlers declare."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from kalecart import __doc__ as about
from kalecart.customers.session import LoginNeeded
from kalecart.errors import Forbidden, KaleCartError, NotFound, Unavailable
from web import refusals
from web.api.operation import Header, Operation, declared_by
from web.api.problem_shape import ProblemView
from web.csrf import SAFE_METHODS
from web.problems import CONTENT_TYPE, name_of, status_of

# Of the interface, not of the program: it grows, and what is there keeps its meaning.
VERSION: Final = "1.0"
REF: Final = "#/components/schemas/{model}"
DESCRIPTION: Final = f"""{about}

Errors are problem documents (RFC 9457), with every field's error at once. Log-ins and the cart are cookies. A program
that keeps cookies sends `Origin` with what changes something. Money is whole US cents; instants are UTC.
"""
COOKIES: Final = {"customer": "kale_session", "staff": "kale_staff"}
SCHEMES: Final = {"customer": "customer", "customer in the verb": "customer", "staff": "staff"}


def specification(routes: Iterable[web.RouteDef]) -> dict[str, Any]:
    """The whole document. Routes whose handler declares nothing are not part of the API."""
    declared = [(route, found) for route in routes if (found := declared_by(route.handler)) is not None]
    schemas = _schemas(found for _, found in declared)
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for route, found in declared:
        paths[route.path][route.method.lower()] = _described(route, found, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "KaleCart", "version": VERSION, "description": DESCRIPTION},
        "paths": dict(paths),
        "components": {
            "schemas": schemas.definitions,
            "securitySchemes": {
                who: {"type": "apiKey", "in": "cookie", "name": cookie} for who, cookie in COOKIES.items()
            },
        },
    }


class _Schemas:
    """All models of the API: how each is referred to, and what it is."""

    def __init__(self, wanted: set[tuple[type[BaseModel], Any]]) -> None:
        ordered = sorted(wanted, key=lambda item: (item[0].__name__, item[1]))
        self.references, found = models_json_schema(ordered, ref_template=REF)
        self.definitions = found["$defs"]

    def sent(self, model: type[BaseModel]) -> Any:
        return self.references[model, "validation"]

    def answered(self, model: type[BaseModel]) -> Any:
        return self.references[model, "serialization"]

    def definition(self, model: type[BaseModel]) -> Any:
        return self.definitions[self.sent(model)["$ref"].rpartition("/")[2]]


def _schemas(operations: Iterable[Operation]) -> _Schemas:
    wanted: set[tuple[type[BaseModel], Any]] = {(ProblemView, "serialization")}
    for found in operations:
        sent = (found.body, found.raw, found.query)
        wanted |= {(model, "validation") for model in sent if model is not None}
        if isinstance(found.ok[1], type):
            wanted.add((found.ok[1], "serialization"))
    return _Schemas(wanted)


def _described(route: web.RouteDef, found: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": getattr(route.handler, "__name__", route.path),
        "summary": found.summary,
        "tags": [route.path.removeprefix("/api/v1/").split("/")[0]],
        "parameters": list(_parameters(found, schemas)),
        "responses": _responses(route, found, schemas),
    }
    if found.who != "anybody":
        described["security"] = [{SCHEMES[found.who]: []}]
    if (model := found.body or found.raw) is not None:
        content = {found.media: {"schema": schemas.sent(model)}}
        described["requestBody"] = {"required": True, "content": content}
    return described


def _parameters(found: Operation, schemas: _Schemas) -> Iterator[dict[str, Any]]:
    for name, part in found.path.items():
        schema = {"type": "string", "pattern": part.pattern}
        yield {"name": name, "in": "path", "required": True, "description": part.description, "schema": schema}
    if found.header is not None:
        yield _header(found.header)
    if found.query is not None:
        for name, schema in schemas.definition(found.query)["properties"].items():
            yield {"name": name, "in": "query", "required": False, "schema": _without_null(schema)}


def _without_null(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter that may be left out: there is no way to write null in an address."""
    kept = {name: value for name, value in schema.items() if name != "anyOf" and (name, value) != ("default", None)}
    choices = [choice for choice in schema.get("anyOf", ()) if choice != {"type": "null"}]
    return kept | choices[0] if len(choices) == 1 else kept


def _header(header: Header) -> dict[str, Any]:
    schema = {"type": "string", "pattern": header.pattern}
    return {
        "name": header.name,
        "in": "header",
        "required": header.required,
        "description": header.description,
        "schema": schema,
    }


def _responses(route: web.RouteDef, found: Operation, schemas: _Schemas) -> dict[str, Any]:
    status, model = found.ok
    ok: dict[str, Any] = {"description": HTTPStatus(status).phrase}
    if isinstance(model, str):
        ok["content"] = {model: {"schema": {"type": "string"}}}
    elif model is not None:
        ok["content"] = {"application/json": {"schema": schemas.answered(model)}}
    problem = {CONTENT_TYPE: {"schema": schemas.answered(ProblemView)}}
    by_status: dict[int, list[str]] = defaultdict(list)
    for error in dict.fromkeys((*found.errors, *_everywhere(route, found))):
        by_status[status_of(error)].append(f"[{error.title()}](/problems/{name_of(error)})")
    refused = {
        str(code): {"description": " ".join(titles), "content": problem} for code, titles in sorted(by_status.items())
    }
    return {str(status): ok, **{str(code): {"description": words} for code, words in found.also.items()}, **refused}


def _everywhere(route: web.RouteDef, found: Operation) -> Iterator[type[KaleCartError]]:
    """What any request like this may meet, whatever verb is behind it."""
    yield Unavailable
    if route.method not in SAFE_METHODS:
        yield refusals.CrossSite
    if found.who != "anybody":
        yield LoginNeeded
    if found.who == "staff":
        yield Forbidden
    if found.path:
        yield NotFound
    if found.body or found.query or found.header:
        yield refusals.Malformed
    if found.body:
        yield from (refusals.NotJson, refusals.WrongContentType)
    if found.body or found.raw:
        yield from (refusals.TooLarge, refusals.TooSlow)
