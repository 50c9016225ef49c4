"""Errors: the body of an error response, and the kinds of failure that the page translates."""

from typing import Any

KINDS = (
    *("option", "picture", "data", "value", "gone", "token", "forbidden", "large", "slow"),
    *("full-sessions", "full-runs", "full-memory", "full-rate", "unexpected", "not-finite"),
)
# Of the errors that the server or FastAPI answers with a status alone.
BY_STATUS = {
    400: "value",
    401: "token",
    403: "forbidden",
    404: "gone",
    408: "slow",
    413: "large",
    422: "value",
    429: "full-rate",
}


def describe_error(
    status: int, message: str, *, kind: str | None = None, name: str = ""
) -> dict[str, Any]:
    """Return the body of an error response.

    Parameters
    ----------
    message : str
        One line in English.
    kind : str, optional
        One of ``KINDS``; by default that of the status.
    name : str
        The field with the invalid value.
    """
    kind = kind or BY_STATUS.get(status, "unexpected")
    return {"error": " ".join(message.split()), "kind": kind, "name": name}
