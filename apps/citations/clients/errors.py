"""How asking a service fails. Which of the three it is tells the caller what to do."""

from __future__ import annotations


class ServiceError(Exception):
    """Nothing could be learned. The message is fit for a log: it names no key and no whole address."""


class Unavailable(ServiceError):
    """Time-out, cut connection, 429 or 5xx: ask again later, not before `retry_after` seconds if that is given.

    `status` is the HTTP status, or None where there was none. A lasting 500 may come from one poisonous id: split.
    """

    def __init__(self, message: str, *, retry_after: float | None = None, status: int | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after
        self.status = status


class Refused(ServiceError):
    """The service understood and said no (4xx): asking the same again is no use; split the batch."""

    def __init__(self, message: str, *, status: int | None = None, detail: str = "") -> None:
        super().__init__(message)
        self.status = status
        self.detail = detail


class Nonsense(ServiceError):
    """An answer came that can't be read (HTML, nothing, wrong types): split the batch, then it is not known."""
