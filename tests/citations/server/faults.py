"""How the server misbehaves: a list of rules, each fired by chance, by count or by an id, from a seed."""

from __future__ import annotations

import random
import threading
from collections.abc import Collection
from dataclasses import dataclass, fields
from typing import Any

# What a fault does. The first group answers instead of the service; the second spoils its answer.
INSTEAD = ("429", "500", "503", "400", "404", "html", "empty", "slow", "hang-up", "away", "loop", "bomb", "deep")
SPOILED = (
    "cut",
    "no-results",
    "endless",
    "wrong-types",
    "one-wrong",
    "leave-out",
    "truncated",
    "broken-gzip",
    "half-table",
)


@dataclass
class Fault:
    """One rule. It fires for `service` ("*": all) with chance `share`, or at every `nth` request, or where one of `ids`
    is asked for; at most `times` times.
    """

    kind: str
    service: str = "*"
    share: float = 1.0
    nth: int = 0
    times: int = -1
    ids: tuple[str, ...] = ()
    retry_after: str = ""
    seconds: float = 5.0
    seen: int = 0
    fired: int = 0

    @classmethod
    def read(cls, rule: dict[str, Any]) -> Fault:
        """From JSON; an unknown kind or name is an error, not a fault that never fires."""
        names = {field.name for field in fields(cls)}
        if unknown := set(rule) - names:
            raise ValueError(f"a fault has no {', '.join(sorted(unknown))}")
        if rule.get("kind") not in INSTEAD + SPOILED:
            raise ValueError(f"no such fault: {rule.get('kind')}")
        return cls(**{**rule, "ids": tuple(rule.get("ids", ()))})


class Faults:
    """The rules in force. The same seed and the same requests give the same faults."""

    def __init__(self, rules: Collection[Fault] = (), seed: int = 1) -> None:
        self._lock = threading.Lock()
        self.set(rules, seed)

    def set(self, rules: Collection[Fault], seed: int = 1) -> None:
        with self._lock:
            self.rules = list(rules)
            self._chance = random.Random(seed)

    def strike(self, service: str, asked: Collection[str]) -> Fault | None:
        """The fault that befalls this request."""
        with self._lock:
            return next((rule for rule in self.rules if self._fires(rule, service, asked)), None)

    def _fires(self, rule: Fault, service: str, asked: Collection[str]) -> bool:
        if rule.service not in {"*", service} or rule.fired == rule.times:
            return False
        rule.seen += 1
        if rule.ids:
            fires = bool(set(rule.ids) & set(asked))
        elif rule.nth:
            fires = rule.seen % rule.nth == 0
        else:
            fires = self._chance.random() < rule.share
        rule.fired += fires
        return fires
