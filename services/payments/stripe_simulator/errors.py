"""Stripe's error answers: the JSON shape and the ones that several endpoints share."""

from collections.abc import Sequence
from typing import Any

Json = dict[str, Any]


class ApiError(Exception):
    """One `{"error": …}` answer.

    `executed` says whether the endpoint had begun to work: only such answers are kept under an
    Idempotency-Key, while a request that failed validation may be sent again with the same key.
    `details` are further members of the error object, such as the PaymentIntent of a card error.
    """

    def __init__(
        self,
        status: int,
        message: str,
        *,
        type: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        decline_code: str | None = None,
        executed: bool = True,
        details: Json | None = None,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.type = type
        self.code = code
        self.param = param
        self.decline_code = decline_code
        self.executed = executed
        self.details = details or {}

    def body(self) -> Json:
        """Answer the JSON document; members without a value are left out, as Stripe does."""
        error: Json = {"message": self.message, "type": self.type}
        if self.code is not None:
            error["code"] = self.code
            error["doc_url"] = f"https://stripe.com/docs/error-codes/{self.code.replace('_', '-')}"
        if self.param is not None:
            error["param"] = self.param
        if self.decline_code is not None:
            error["decline_code"] = self.decline_code
        return {"error": error | self.details}


def parameter_unknown(names: Sequence[str]) -> ApiError:
    """Refuse parameters that the endpoint does not know."""
    plural = "s" if len(names) > 1 else ""
    return ApiError(
        400,
        f"Received unknown parameter{plural}: {', '.join(names)}",
        code="parameter_unknown",
        param=names[0],
        executed=False,
    )


def parameter_missing(name: str) -> ApiError:
    """Refuse a request that lacks a parameter it needs."""
    return ApiError(400, f"Missing required param: {name}.", code="parameter_missing", param=name, executed=False)


def parameter_invalid(name: str, message: str, code: str | None = None) -> ApiError:
    """Refuse a parameter whose value cannot be."""
    return ApiError(400, message, code=code, param=name, executed=False)


def resource_missing(kind: str, ident: str, param: str, status: int) -> ApiError:
    """Answer for an object that is not there: 404 when the path names it, 400 when a parameter does."""
    return ApiError(status, f"No such {kind}: '{ident}'", code="resource_missing", param=param)


def unrecognized_url(method: str, path: str) -> ApiError:
    """Answer for a path that Stripe (or this simulator) does not have."""
    return ApiError(
        404,
        f"Unrecognized request URL ({method}: {path}). Please see https://stripe.com/docs or we can help at "
        "https://support.stripe.com/.",
        executed=False,
    )


def server_error() -> ApiError:
    """Answer as Stripe does when something breaks on its side."""
    return ApiError(500, "An unknown error occurred", type="api_error")
