"""What must stand in the database when the storm is over: it all follows from the numbers of the studies."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from apps.citations.clients import SERVICES, Endpoint, Ids, client_for
from tests.citations.server import Fault, Study
from tests.citations.server.store import synthetic

COUNTING = ("europepmc", "crossref", "openalex", "icite")
# Every so many-th study lacks an identifier. No service but the ID converter can tell it.
LACKING = {"pmcid": 10, "doi": 11, "pmid": 13}
# What a service does with the ids that it stumbles over, each time, alone or beside others.
POISON = ("html", "500", "400", "cut", "hang-up", "empty", "503", "slow")
CLIENTS = {name: client_for(name, Endpoint("http://127.0.0.1:9"), lambda: None) for name in SERVICES}


@dataclass(frozen=True)
class Population:
    """So many synthetic studies, some of which lack identifiers, and some of which poison the services."""

    studies: int
    lacking: bool = False
    poisonous: int = 0  # for each service
    poison: dict[str, dict[int, str]] = field(default_factory=dict)  # service: number: kind of fault

    def __post_init__(self) -> None:
        if self.poisonous:
            step = self.studies // (self.poisonous + 1)
            for offset, service in enumerate(name for name in SERVICES if name != "retraction_watch"):
                numbers = [step * place + offset for place in range(1, self.poisonous + 1)]
                kinds = (POISON[place % len(POISON)] for place in range(self.poisonous))
                self.poison[service] = dict(zip(numbers, kinds, strict=True))

    @property
    def numbers(self) -> range:
        return range(1, self.studies + 1)

    def faults(self) -> list[Fault]:
        """The poison as rules of the server."""
        return [
            Fault(kind, service, ids=tuple(filter(None, (known.pmid, known.pmcid, known.doi))), seconds=3.0)
            for service, poisoned in self.poison.items()
            for number, kind in poisoned.items()
            if (known := synthetic(number))
        ]

    def seeded(self, number: int) -> Ids:
        """The identifiers that the study has before anybody is asked."""
        known = synthetic(number)
        if not self.lacking:
            return Ids(number, known.pmid, known.pmcid, known.doi)
        has = {name: None if number % every == 0 else getattr(known, name) for name, every in LACKING.items()}
        return Ids(number, **has) if any(has.values()) else Ids(number, known.pmid)

    def final(self, number: int) -> Ids:
        """The identifiers that it has in the end."""
        if self.outcome(number, "idconv", self.seeded(number)) != "found":
            return self.seeded(number)
        known = synthetic(number)
        return Ids(number, known.pmid, known.pmcid, known.doi)

    def outcome(self, number: int, service: str, ids: Ids | None = None) -> str:
        """How the check of a study at a service must end."""
        known = synthetic(number)
        askable = CLIENTS[service].group(ids or self.final(number))
        if not askable or number in self.poison.get(service, {}):
            return "not_known"
        if service == "retraction_watch":
            return "found" if known.updates else "absent"
        return "found" if known.known_to(service) else "absent"

    def checks(self) -> dict[tuple[int, str], str]:
        return {(number, service): self.outcome(number, service) for number in self.numbers for service in SERVICES}

    def counts(self) -> dict[tuple[int, str], tuple[int, float | None]]:
        return {
            (number, service): (known.counts[service], known.ratio if service == "icite" else None)
            for number in self.numbers
            for service in COUNTING
            if (known := synthetic(number)) and self.outcome(number, service) == "found"
        }

    def notices(self) -> set[tuple[int, str, str, str]]:
        """Study, service, nature and identifier of each notice."""
        return {
            (number, service, nature, identifier)
            for number in self.numbers
            for service in ("europepmc", "crossref", "openalex", "retraction_watch")
            if self.outcome(number, service) == "found"
            for nature, identifier in reported(synthetic(number), service)
        }

    def alerts(self) -> set[tuple[int, str]]:
        """One alert for each piece of grave news about a study, however many services bring it."""
        return {(number, nature) for number, _, nature, _ in self.notices() if nature != "correction"}

    def status(self, number: int, notices: set[tuple[int, str]]) -> str:
        order = (("retraction", "retracted"), ("concern", "concern"), ("correction", "corrected"))
        return next((status for nature, status in order if (number, nature) in notices), "published")

    def statuses(self) -> dict[int, str]:
        notices = {(number, nature) for number, _, nature, _ in self.notices()}
        return {number: self.status(number, notices) for number in self.numbers}

    def fewest(self) -> dict[str, int]:
        """The least requests in which a service can be asked about all."""
        groups: dict[tuple[str, str], int] = {}
        for number in self.numbers:
            for service, client in CLIENTS.items():
                if group := client.group(self.final(number)):
                    groups[service, group] = groups.get((service, group), 0) + 1
        fewest = dict.fromkeys(SERVICES, 0)
        for (service, _), size in groups.items():
            fewest[service] += -(-size // CLIENTS[service].batch_size)
        return fewest


def reported(study: Study, service: str) -> Iterator[tuple[str, str]]:
    """The notices on a study as one service names them."""
    for update in study.updates:
        if service == "openalex":
            if update.nature == "retraction":
                yield "retraction", ""
        elif service == "europepmc":
            yield update.nature, update.pmid or update.doi
        else:
            yield update.nature, update.doi
