"""What keeps an upload out: where it stands, what stands there, and the way out."""

from __future__ import annotations

from typing import NamedTuple

LONGEST_SHOWN = 80
MOST_KEPT = 500


class Problem(NamedTuple):
    """One fault; row 0 is the file as a whole. In a document, the row is its line and the column its field."""

    row: int
    column: str
    value: str
    message: str


class Unreadable(Exception):
    """A file that can't be read as what it is said to be."""

    def __init__(self, message: str, row: int = 0) -> None:
        super().__init__(message)
        self.row = row


class Problems:
    """The faults of a file: the first ones, the number of all, and where something is wrong already."""

    def __init__(self) -> None:
        self.kept: list[Problem] = []
        self.total = 0
        self.places: set[tuple[int, str]] = set()

    def add(self, row: int, column: str, value: object, message: str) -> None:
        """Note a fault; of several at one place, the first tells most."""
        if column and (row, column) in self.places:
            return
        self.places.add((row, column))
        self.total += 1
        if len(self.kept) < MOST_KEPT:
            shown = message.replace("\0", shortened("\0"))  # which PostgreSQL does not keep
            self.kept.append(Problem(row, shortened(column), shortened(value), shown))

    def __bool__(self) -> bool:
        return self.total > 0


def shortened(value: object) -> str:
    """A value as a person recognises it; what nobody sees is spelled out."""
    text = "" if value is None else str(value)
    shown = "".join(c if c.isprintable() else f"⟨U+{ord(c):04X}⟩" for c in text[:LONGEST_SHOWN])
    return shown + "…" if len(text) > LONGEST_SHOWN else shown
