"""What all services have in common: which studies can be asked about, and how an answer becomes one Answer for each."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from .errors import Nonsense, ServiceError, Unavailable
from .interface import Answer, Endpoint, Gives, Ids, NoticeRecord, Outcome
from .natures import doi_of, pmcid_of, pmid_of
from .transport import Acquire, Http, Page, Patience

READERS = {"pmid": pmid_of, "pmcid": pmcid_of, "doi": doi_of}
# Servers take addresses of about 8 kB.
LONGEST_QUERY = 6000


@dataclass(frozen=True)
class Finding:
    """What a service says about one study. With `trouble` it says that it can't say."""

    citations: int | None = None
    ratio: float | None = None
    notices: tuple[NoticeRecord, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


@dataclass
class Sheet:
    """One answer, sorted by the labels (`pmid:28646161`) of those whom it is about."""

    found: dict[str, Finding] = field(default_factory=dict)
    spoiled: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)  # said in so many words to be unknown
    whole: bool = True  # nothing is missing, so that who is not in it is absent

    def alias(self, label: str) -> None:
        """Say of this label what is said of the one work here."""
        if self.found:
            self.found[label] = next(iter(self.found.values()))


class Service(ABC):
    """One service. See `interface.Client` for the promise."""

    name: ClassVar[str]
    batch_size: int
    gives: ClassVar[frozenset[Gives]]
    kinds: ClassVar[tuple[str, ...]]  # the identifiers it can be asked by, the best first

    def __init__(self, endpoint: Endpoint, acquire: Acquire, patience: Patience | None = None) -> None:
        self.endpoint = endpoint
        self.http = Http(self.name, endpoint, acquire, patience, headers=self.headers(endpoint), check=self.check)

    @staticmethod
    def headers(_endpoint: Endpoint) -> Mapping[str, str]:
        return {}

    def check(self, page: Page) -> None:  # noqa: B027 -- nothing to check for most
        """Raise if the page is a failure that its status does not show."""

    def close(self) -> None:
        self.http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.close()

    # --- who is asked about ---------------------------------------------------------------------------------------

    def kind(self, ids: Ids) -> str:
        """By which identifier this study is asked for; empty if it has none that serves."""
        return next((kind for kind in self.kinds if READERS[kind](getattr(ids, kind))), "")

    def group(self, ids: Ids) -> str:
        """Studies of one group can share one request. Empty: it can't be asked about."""
        return self.kind(ids)

    def label(self, ids: Ids) -> str:
        kind = self.kind(ids)
        return f"{kind}:{READERS[kind](getattr(ids, kind))}"

    # --- asking ---------------------------------------------------------------------------------------------------

    def fetch(self, batch: Sequence[Ids]) -> list[Answer]:
        known: dict[int, Answer] = {}
        errors: list[ServiceError] = []
        parts = list(self.parts([ids for ids in batch if self.group(ids)]))
        for part in parts:
            try:
                if errors and isinstance(errors[-1], Unavailable):
                    raise errors[-1]  # it is down, or wants its peace: the rest of the batch is not even asked for
                sheet = self.ask(part)
            except ServiceError as error:
                errors.append(error)
                known |= {ids.ref: Answer(ids.ref, Outcome.NOT_KNOWN, message=str(error)) for ids in part}
            else:
                known |= {ids.ref: self._answer(ids, sheet) for ids in part}
        if errors and len(errors) == len(parts):
            raise errors[0]
        return [known.get(ids.ref) or self._unaskable(ids) for ids in batch]

    def _unaskable(self, ids: Ids) -> Answer:
        wanted = " or ".join(kind.upper() for kind in self.kinds)
        return Answer(
            ids.ref, Outcome.NOT_KNOWN, message=f"{self.name}: the study has no {wanted} to ask by", askable=False
        )

    def _answer(self, ids: Ids, sheet: Sheet) -> Answer:
        label = self.label(ids)
        finding = sheet.found.get(label)
        if finding and finding.trouble:
            return Answer(ids.ref, Outcome.NOT_KNOWN, message=f"{self.name}: {finding.trouble}")
        if finding:
            return Answer(
                ids.ref, Outcome.FOUND, finding.citations, finding.ratio, finding.notices, self.news(ids, finding.ids)
            )
        if label in sheet.spoiled:
            return Answer(ids.ref, Outcome.NOT_KNOWN, message=f"{self.name}: its record can't be read")
        if sheet.whole or label in sheet.absent:
            return Answer(ids.ref, Outcome.ABSENT)
        return Answer(ids.ref, Outcome.NOT_KNOWN, message=f"{self.name}: the answer was not whole")

    @staticmethod
    def news(_ids: Ids, _learned: Mapping[str, str]) -> Mapping[str, str]:
        """Identifiers worth telling."""
        return {}

    def parts(self, askable: Sequence[Ids]) -> Iterable[Sequence[Ids]]:
        """Cut a batch into requests."""
        return [askable] if askable else []

    @abstractmethod
    def ask(self, part: Sequence[Ids]) -> Sheet:
        """Make one request (or its pages)."""

    def failed(self, why: str) -> Nonsense:
        return Nonsense(f"{self.name}: {why}")


def by_length(values: Sequence[Ids], length: Mapping[int, int], most: int = LONGEST_QUERY) -> Iterator[list[Ids]]:
    """Cut a list where its query would grow too long. `length` is by ref."""
    part: list[Ids] = []
    size = 0
    for ids in values:
        if part and size + length[ids.ref] > most:
            yield part
            part, size = [], 0
        part.append(ids)
        size += length[ids.ref]
    if part:
        yield part
