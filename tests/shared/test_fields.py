"""Fields of requests: what a form sends for an empty box, and what the document tells of it."""

from __future__ import annotations

from typing import Annotated

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError

from shared.auth import PUBLIC
from shared.http.fields import Blank, Body, Line, View
from shared.http.openapi import openapi
from shared.http.routes import Routes
from shared.service import Service


class Search(Body):
    """A search."""

    words: Annotated[Line | None, Blank()] = None
    place: Line | None = None


class Nothing(View):
    """Nothing."""


@pytest.mark.parametrize("blank", ["", " ", "\t\n", None])
def test_empty_box_is_nothing_entered(blank):
    assert Search(words=blank).words is None
    assert Search(words=" kue ").words == "kue"


def test_other_texts_may_not_be_blank():
    with pytest.raises(ValidationError):
        Search(place=" ")


@pytest.mark.parametrize(
    ("value", "taken"), [("", True), (None, True), ("kue", True), ("a" * 120, True), ("a" * 121, False), (1, False)]
)
def test_schema_takes_what_the_field_takes(value, taken):
    assert Draft202012Validator(Search.model_json_schema()).is_valid({"words": value}) is taken


async def look(_call, _query):
    """Look for something."""


def test_document_tells_of_a_query_that_it_may_be_empty_but_never_null():
    routes = Routes("example")
    routes.get("/api/v1/things", policy=PUBLIC, query=Search, answer=Nothing)(look)
    document = openapi([Service("example", routes)], "http://localhost")
    schemas = {p["name"]: p["schema"] for p in document["paths"]["/api/v1/things"]["get"]["parameters"]}
    assert schemas["words"]["anyOf"] == [
        {"type": "string", "minLength": 1, "maxLength": 120},
        {"type": "string", "maxLength": 0},
    ]
    assert schemas["place"] == {"title": "Place", "type": "string", "minLength": 1, "maxLength": 120}


def test_document_tells_the_media_type_by_the_paths_ending():
    routes = Routes("example")
    routes.get("/api/v1/things/{thing_id}.csv", policy=PUBLIC, answer=str)(look)
    document = openapi([Service("example", routes)], "http://localhost")
    done = document["paths"]["/api/v1/things/{thing_id}.csv"]["get"]["responses"]["200"]
    assert list(done["content"]) == ["text/csv"]
