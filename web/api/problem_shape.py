"""A problem document (RFC 9457), as the specification describes it."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class FieldError(BaseModel):
    """What is wrong, and where: `pointer` in the body, `parameter` in the query, or `header`."""

    detail: str
    pointer: str | None = None
    parameter: str | None = None
    header: str | None = None


class ProblemView(BaseModel):
    """What went wrong and what to do. Further members carry facts, such as the cart as it is now."""

    model_config = ConfigDict(extra="allow", title="Problem")

    type: Annotated[str, Field(description="Where this kind of problem is explained.")]
    title: str
    status: int
    detail: str
    instance: Annotated[str, Field(description="The number of this very problem, for asking about it.")]
    errors: list[FieldError] = []
