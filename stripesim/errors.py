"""What Stripe answers when it does not do as asked.

The words of the messages are our own; types, codes and statuses are the documented ones, and programs read those.
"""

from typing import Any


class ApiError(Exception):
    """An answer that is an error object."""

    def __init__(self, status: int, message: str, *, kind: str = "invalid_request_error", **members: Any) -> None:
        super().__init__(message)
        self.status = status
        self.body: dict[str, dict[str, Any]] = {"error": {**members, "message": message, "type": kind}}

    @property
    def remembered(self) -> bool:
        """Whether the answer is kept for the request's idempotency key."""
        return True


class InvalidParameters(ApiError):
    """The request failed validation before anything was executed, so its key is not used up."""

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        given = {"code": code, "param": param}
        super().__init__(400, message, **{name: value for name, value in given.items() if value is not None})

    @property
    def remembered(self) -> bool:
        return False


class Unexecuted(ApiError):
    """The request never reached the point of being executed: 401, 409 in flight, 429."""

    @property
    def remembered(self) -> bool:
        return False


def unauthenticated(message: str) -> Unexecuted:
    return Unexecuted(401, message)


def missing(noun: str, ident: str, *, param: str = "id", status: int = 404) -> ApiError:
    return ApiError(status, f"No such {noun}: '{ident}'", code="resource_missing", param=param)


def rate_limited() -> Unexecuted:
    return Unexecuted(429, "Too many requests in a short time; slow down.", code="rate_limit")


def key_in_use(key: str) -> Unexecuted:
    message = f"Another request with the idempotency key '{key}' is still being executed."
    return Unexecuted(409, message, code="idempotency_key_in_use")


def key_reused(key: str) -> Unexecuted:
    message = f"The idempotency key '{key}' was first used with other parameters or for another endpoint."
    return Unexecuted(400, message, kind="idempotency_error")


def broken() -> ApiError:
    return ApiError(500, "Something went wrong on the payment processor's end.", kind="api_error")
