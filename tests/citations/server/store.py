"""What the services know: synthetic studies, visibly so, and the chosen pitfalls, which are real papers."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field, replace
from functools import cached_property

FIRST_PMID = 900_000_000
SERVICES = ("europepmc", "crossref", "openalex", "icite", "idconv", "retraction_watch")
# Every so many-th study is unknown to a service, or carries a notice. Primes, so that all combinations occur.
UNKNOWN_EVERY = {"europepmc": 101, "crossref": 103, "openalex": 107, "icite": 109, "idconv": 7}
NOTICE_EVERY = (("retraction", 97), ("concern", 71), ("correction", 53))


@dataclass(frozen=True)
class Update:
    """A notice on a study."""

    nature: str
    doi: str
    pmid: str | None
    day: tuple[int, int, int]
    by: str = "publisher"


@dataclass(frozen=True)
class Study:
    number: int
    pmid: str | None
    pmcid: str | None
    doi: str | None
    counts: dict[str, int] = field(default_factory=dict)
    ratio: float | None = None
    updates: tuple[Update, ...] = ()  # notices on this study
    updates_to: tuple[tuple[str, str, str | None], ...] = ()  # nature, DOI, PMID: the study is itself the notice
    unknown_to: frozenset[str] = frozenset()
    title: str = "A synthetic study"
    type: str = "article"
    merged_into: str | None = None  # OpenAlex: the DOI of the work that took this one in

    def known_to(self, service: str) -> bool:
        return service not in self.unknown_to

    @property
    def retracted(self) -> bool:
        return any(update.nature == "retraction" for update in self.updates)


def synthetic(number: int) -> Study:
    """One made-up study: all about it follows from its number."""
    day = (2020 + number % 6, 1 + number % 12, 1 + number % 28)
    updates = tuple(
        Update(nature, f"10.9999/synthetic.notice.{nature}.{number}", str(FIRST_PMID + 50_000_000 + number), day)
        for nature, every in NOTICE_EVERY
        if number % every == 0
    )
    return Study(
        number=number,
        pmid=str(FIRST_PMID + number),
        pmcid=f"PMC{FIRST_PMID + number}",
        doi=f"10.9999/synthetic.{number}",
        counts={"europepmc": number % 211, "crossref": number % 223, "openalex": number % 227, "icite": number % 229},
        ratio=round(number % 229 / 20, 2),
        updates=updates,
        unknown_to=frozenset(name for name, every in UNKNOWN_EVERY.items() if number % every == 0),
    )


# Cancer Sci. 2022;113:2563 and its retraction of 2024: the pair that peers mix up.
PAIR_PAPER, PAIR_NOTICE, PAIR_NOTICE_PMID = "10.1111/cas.15337", "10.1111/cas.16312", "39166827"
LANCET = "10.1016/s0140-6736(97)11096-0"
AWKWARD_DOIS = (
    "10.9999/(sici)1097-0258(19980815/30)17:15/16<1661::aid-syn968>3.0.co;2-2",
    "10.9999/synthetic(a,b);c<d>,e",
    "10.9999/synthetic:colon;semi[1]#hash?query&and=plus+percent%25",
    '10.9999/synthetic"quote\\back',
    "10.9999/synthetic.umlaut.ü",
)


def pitfalls() -> list[Study]:
    """Studies that somebody, somewhere, reads wrongly."""
    counts = {"europepmc": 12, "crossref": 14, "openalex": 15, "icite": 11}
    retraction = Update("retraction", PAIR_NOTICE, PAIR_NOTICE_PMID, (2024, 8, 20))
    lancet = (
        Update("correction", "10.1016/s0140-6736(04)15715-2", "15016483", (2004, 3, 6), "retraction-watch"),
        Update("retraction", "10.1016/s0140-6736(10)60175-4", "20137807", (2010, 2, 6), "retraction-watch"),
    )
    own_doi = "10.9999/synthetic.retracted.in.place"
    return [
        Study(-1, None, None, PAIR_PAPER, counts, 1.0, (retraction,)),
        Study(
            -2,
            PAIR_NOTICE_PMID,
            None,
            PAIR_NOTICE,
            {**counts, "europepmc": 0},
            updates_to=(("retraction", PAIR_PAPER, None),),
            title="RETRACTION: Exosomal miR-106a-5p Accelerates the Progression of Nasopharyngeal Carcinoma",
            type="retraction",
        ),
        Study(-3, "9500320", None, LANCET, counts, 30.5, lancet),
        Study(
            -4,
            "900999001",
            None,
            own_doi,
            counts,
            updates=(Update("retraction", own_doi, None, (2021, 5, 4)),),
            updates_to=(("retraction", own_doi, None),),
        ),
        Study(-5, None, None, "10.9999/synthetic.merged", counts, merged_into="10.9999/synthetic.1"),
        *(
            Study(-10 - place, None, None, doi, {**counts, "crossref": 40 + place, "openalex": 40 + place})
            for place, doi in enumerate(AWKWARD_DOIS)
        ),
    ]


class Store:
    """All that the services know, by identifier."""

    def __init__(self, studies: int = 0, extra: tuple[Study, ...] = ()) -> None:
        self.studies = [*(synthetic(number) for number in range(1, studies + 1)), *pitfalls(), *extra]
        self.by: dict[tuple[str, str], Study] = {}
        for study in self.studies:
            for kind in ("pmid", "pmcid", "doi"):
                if value := getattr(study, kind):
                    self.by[kind, value.lower()] = study

    def find(self, service: str, kind: str, value: str) -> Study | None:
        study = self.by.get((kind, value.strip().lower()))
        return study if study and study.known_to(service) else None

    def change(self, doi: str, **changes: object) -> None:
        """Let the world move on: a study is retracted, or its count drops."""
        old = self.by["doi", doi]
        new = replace(old, **changes)  # type: ignore[arg-type]
        self.studies[self.studies.index(old)] = new
        self.by |= {key: new for key, study in self.by.items() if study is old}
        self.__dict__.pop("table", None)

    @cached_property
    def table(self) -> bytes:
        """The Retraction Watch table of these studies, with its 20 columns and its quirks."""
        text = io.StringIO()
        writer = csv.writer(text)
        writer.writerow(COLUMNS)
        rows = [(study, update) for study in self.studies for update in study.updates]
        writer.writerows(_row(place, study, update) for place, (study, update) in enumerate(rows))
        return text.getvalue().encode()


COLUMNS = (
    *("Record ID", "Title", "Subject", "Institution", "Journal", "Publisher", "Country", "Author", "URLS"),
    *("ArticleType", "RetractionDate", "RetractionDOI", "RetractionPubMedID", "OriginalPaperDate", "OriginalPaperDOI"),
    *("OriginalPaperPubMedID", "RetractionNature", "Reason", "Paywalled", "Notes"),
)
NATURES = {"retraction": "Retraction", "concern": "Expression of concern", "correction": "Correction"}


def _row(place: int, study: Study, update: Update) -> list[object]:
    year, month, day = update.day
    return [
        place,
        study.title,
        "(BLS) Biochemistry;",
        'An Institute, of "Synthesis"\nin two lines;',
        "Journal of Synthesis",
        "Nobody",
        "Nowhere",
        "Alice A;Bob B",
        "",
        "Research Article;",
        f"{month}/{day}/{year} 0:00",
        update.doi,
        f"{update.pmid}.0" if update.pmid else "0.0",
        "1/1/2019 0:00",
        study.doi or "unavailable",
        f"{study.pmid}.0" if study.pmid else "",
        NATURES.get(update.nature, update.nature),
        "+Duplication of Image;+Investigation by Journal/Publisher;",
        "No",
        "",
    ]
