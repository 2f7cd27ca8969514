"""Forms as a browser without scripts sends them: all that the page holds, and what a person changes."""

from __future__ import annotations

from html.parser import HTMLParser
from typing import Any


class _Form(HTMLParser):
    """The successful controls of the form with the id `form`, in their order."""

    def __init__(self) -> None:
        super().__init__()
        self.inside = False
        self.pairs: list[tuple[str, str]] = []
        self.select = ""
        self.chosen: str | None = None
        self.textarea = ""
        self.text = ""

    def handle_starttag(self, tag: str, attributes: Any) -> None:
        given = dict(attributes)
        if tag == "form" and given.get("id") == "form":
            self.inside = True
        if not self.inside or (not given.get("name") and tag != "option"):
            return
        kind = given.get("type", "text")
        if tag == "input" and (kind not in ("checkbox", "radio") or "checked" in given):
            empty = "on" if kind in ("checkbox", "radio") else ""
            self.pairs.append((given["name"], given.get("value") or empty))
        elif tag == "select":
            self.select, self.chosen = given["name"], None
        elif tag == "option" and self.select and (self.chosen is None or "selected" in given):
            self.chosen = given.get("value", "")
        elif tag == "textarea":
            self.textarea, self.text = given["name"], ""

    def handle_data(self, data: str) -> None:
        if self.textarea:
            self.text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        elif tag == "select" and self.select:
            self.pairs.append((self.select, self.chosen or ""))
            self.select = ""
        elif tag == "textarea" and self.textarea:
            self.pairs.append((self.textarea, self.text.removeprefix("\n")))
            self.textarea = ""


def controls(page: Any) -> dict[str, list[str]]:
    """What the form of the page would send."""
    form = _Form()
    form.feed(page.content.decode())
    found: dict[str, list[str]] = {}
    for name, value in form.pairs:
        found.setdefault(name, []).append(value)
    return found


def filled_in(page: Any, **changes: Any) -> dict[str, list[str]]:
    """The same with the changes; `None` empties, a list gives several."""
    sent = controls(page)
    for name, value in changes.items():
        key = name.replace("__", "-")
        sent[key] = [] if value is None else value if isinstance(value, list) else [str(value)]
    return sent


def told(page: Any) -> str:
    """What the page says, as text that a test can look into."""
    text = page.content.decode()
    for escaped, plain in (("&quot;", '"'), ("&#x27;", "'"), ("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&")):
        text = text.replace(escaped, plain)
    return " ".join(text.split())
