"""What every citation service is asked, and what every one answers: plain values, no Django.

A check has three outcomes. FOUND: the service knows the study, and here is what it says. ABSENT: the service answered,
and the answer was whole, and the study was not in it. NOT_KNOWN: anything else. A failure is never ABSENT, and a
service that could not be asked never says "clean".
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Protocol, Self


@dataclass(frozen=True)
class Endpoint:
    """Where a service is, who asks, and how often at most. `base_url` may be a file for a table."""

    base_url: str
    contact_mail: str = ""
    key: str = field(default="", repr=False)
    requests_per_second: float = 1.0
    timeout: float = 30.0


@dataclass(frozen=True)
class Ids:
    """What a study is called outside. `ref` is the caller's own key and comes back in the answer."""

    ref: int
    pmid: str | None = None
    pmcid: str | None = None
    doi: str | None = None


class Outcome(StrEnum):
    FOUND = "found"
    ABSENT = "absent"
    NOT_KNOWN = "not_known"


class Nature(StrEnum):
    """What a notice says: the same words as `apps.studies.models.Nature`, which a client may not import."""

    RETRACTION = "retraction"
    WITHDRAWAL = "withdrawal"
    CONCERN = "concern"
    CORRECTION = "correction"
    REINSTATEMENT = "reinstatement"


class Gives(StrEnum):
    """What a service can tell."""

    COUNTS = "counts"
    NOTICES = "notices"
    IDS = "ids"


@dataclass(frozen=True)
class NoticeRecord:
    """One notice on the paper that was asked about. The notice's own record never carries one."""

    nature: Nature
    identifier: str = ""  # the notice's own DOI in lower case, or its PMID; empty where the service names none
    dated: date | None = None
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """What one service says about one study."""

    ref: int
    outcome: Outcome
    citations: int | None = None
    ratio: float | None = None  # relative citation ratio (iCite only)
    notices: tuple[NoticeRecord, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)  # identifiers that the study lacked (ID converter only)
    message: str = ""  # why it is not known
    askable: bool = True  # False: the study has no identifier that the service takes


@dataclass(frozen=True)
class Bibliography:
    """What a service says that a paper is. Empty and None: the record does not say."""

    title: str = ""
    journal: str = ""
    year: int | None = None
    authors: tuple[str, ...] = ()  # Family Initials, first author first
    pmid: str | None = None
    pmcid: str | None = None
    doi: str | None = None
    kind: str = ""  # a word of `apps.studies.models.StudyKind`, where the publication type says so
    notices: tuple[NoticeRecord, ...] = ()


class Librarian(Protocol):
    """A service that knows what a paper is called and who wrote it."""

    @property
    def name(self) -> str: ...
    def bibliography(self, ids: Ids) -> Bibliography | None:
        """What the paper is; None where the service answered that it has no such paper. Raises `ServiceError`."""


class Client(Protocol):
    """One service. `fetch` answers exactly once for each Ids, in their order.

    It raises `ServiceError` only when nothing at all could be learned about the batch.
    """

    @property
    def name(self) -> str: ...
    @property
    def batch_size(self) -> int: ...
    @property
    def gives(self) -> frozenset[Gives]: ...
    def group(self, ids: Ids) -> str: ...
    def fetch(self, batch: Sequence[Ids]) -> list[Answer]: ...
    def close(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(self, *failure: object) -> None: ...


# The group of those that each need a request of their own.
ALONE = "alone"


def batches(client: Client, studies: Iterable[Ids]) -> Iterator[list[Ids]]:
    """Cut studies into the fewest batches: those that can share one request stand together, the others alone.

    Studies that the service can't be asked about (group "") come as well; fetching them costs no request.
    """
    waiting: dict[str, list[Ids]] = {}
    for ids in studies:
        name = client.group(ids)
        group = waiting.setdefault(name, [])
        group.append(ids)
        if name == ALONE or len(group) == client.batch_size:
            yield group.copy()
            group.clear()
    yield from (group for group in waiting.values() if group)
