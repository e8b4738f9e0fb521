from datetime import UTC, datetime
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from web.api.shapes import LINE_PATTERN, Body, Instant, Query, Whole
from web.parse import ERRORS_MAX, Parsed, all_or_malformed
from web.refusals import Malformed


class Wanted(Body):
    quantity: Annotated[Whole, Field(ge=1, le=99)]


class Searched(Query):
    q: Annotated[str, Field(pattern=LINE_PATTERN)]


@pytest.mark.parametrize("text", ["12", "12.0", "1.2e1"])
def test_a_whole_number_is_whole_however_it_is_written(text: str) -> None:
    assert Wanted.model_validate_json(f'{{"quantity": {text}}}').quantity == 12


@pytest.mark.parametrize("text", ["1.5", '"12"', "true", "null", "0", "-1", "1000000000", "NaN", "1e999", "[1]"])
def test_what_is_no_whole_number_in_bounds_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Wanted.model_validate_json(f'{{"quantity": {text}}}')


def test_a_field_that_is_not_there_is_refused_and_not_ignored() -> None:
    with pytest.raises(ValidationError):
        Wanted.model_validate_json('{"quantity": 1, "qty": 2}')


def test_a_search_holds_no_control_characters() -> None:
    with pytest.raises(ValidationError):
        Searched.model_validate({"q": "ka\x00le"})


class Since(Query):
    since: Instant


@pytest.mark.parametrize("text", ["2026-11-22T10:00:00-08:00", "2026-11-22t18:00:00z", "2026-11-22T18:00:00.000000Z"])
def test_an_instant_is_the_same_wherever_it_is_said(text: str) -> None:
    assert Since.model_validate({"since": text}).since == datetime(2026, 11, 22, 18, 0, tzinfo=UTC)


@pytest.mark.parametrize("text", ["0.5", "1700000000", "2026-11-22", "2026-11-22T18:00:00", "2026-13-01T00:00:00Z", ""])
def test_a_time_of_nowhere_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        Since.model_validate({"since": text})


def test_errors_of_all_parts_come_together_and_not_without_end() -> None:
    parts = {
        "query": Parsed(value=None, errors=({"parameter": "q", "detail": "No."},)),
        "body": Parsed(value=None, errors=({"pointer": "/a", "detail": "No."},) * 1_000),
    }

    with pytest.raises(Malformed) as refused:
        all_or_malformed(parts)

    assert len(refused.value.errors) == ERRORS_MAX
    assert refused.value.errors[0] == {"parameter": "q", "detail": "No."}
