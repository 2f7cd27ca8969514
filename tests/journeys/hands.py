"""Hands on a keyboard: they fill the forms of entry as a curator does, and what they do is counted."""

from tests.makers import a_term

STATEMENT = "Synthetic vesicles carried miR-21 to synthetic cells, which then resisted cisplatin."


def terms():
    """Terms that the suggestions find."""
    a_term("NCBITaxon:9606", "Homo sapiens", "species")
    a_term("DOID:10534", "stomach cancer")
    a_term("DOID:10535", "stomach carcinoma in situ")
    a_term("CHEBI:27899", "cisplatin", "therapy")
    a_term("HGNC:9588", "PTEN", "molecule")


class Hands:
    """A keyboard that counts: strokes, and the fields that were filled."""

    def __init__(self, page):
        self.page, self.strokes, self.fields = page, 0, 0

    def press(self, key, times=1):
        for _ in range(times):
            self.page.keyboard.press(key)
            self.strokes += 1

    def type(self, text):
        self.page.keyboard.type(text)
        self.strokes += len(text)
        self.fields += 1

    def into(self, texts):
        for name, text in texts.items():
            self.to(name)
            self.type(text)

    def choose(self, name, text, entry):
        """Type until the menu offers it, take it with the arrow and Enter."""
        self.into({name: text})
        self.page.locator("[role=option]").filter(has_text=entry).first.wait_for()
        self.press("ArrowDown")
        self.press("Enter")

    def cargo(self, name, kind):
        self.into({"cargo": name})
        self.press("Escape")
        self.into({"cargo-kind": kind})

    def to(self, name):
        """Go on with Tab until the field has the focus."""
        for _ in range(40):
            if self.page.evaluate("document.activeElement.name") == name:
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {name}")

    def tick(self, name, value):
        for _ in range(40):
            active = self.page.evaluate("[document.activeElement.name, document.activeElement.value].join(' ')")
            if active == f"{name} {value}":
                self.press("Space")
                self.fields += 1
                return
            self.press("Tab")
        raise AssertionError(f"Tab does not reach {name} {value}")


def enter_preparation(page, hands):
    hands.into({"term": "exosome"})
    hands.press("Escape")
    hands.into({"engineered": "no"})
    page.locator("summary").filter(has_text="not in ExoDB yet").focus()
    hands.press("Enter")
    hands.into({"source_name": "synthetic gastric cells", "source_category": "tum", "source_material": "cell l"})
    hands.choose("source_species", "homo", "Homo sapiens")
    hands.tick("isolation", "differential_ultracentrifugation")
    hands.tick("methods", "nta")
    hands.press("Control+Shift+Enter")
    page.wait_for_url("**/claims/add/**")


def enter_claim(page, hands):
    hands.cargo("miR-21", "miR")
    hands.into({"effect": "pro", "outcome": "cisplatin resistance", "aspect": "drug r", "edge": "harm"})
    hands.choose("disease", "stomach c", "DOID:10534")
    hands.into({"recipient": "gastric cancer cells"})
    hands.choose("therapies", "cisp", "CHEBI:27899")
    hands.choose("targets", "pten", "HGNC:9588")
    hands.into({"statement": STATEMENT, "locator": "figure 3"})
    hands.tick("models_used", "in_vitro")
    hands.tick("models_used", "animal")
    page.locator(".level-letter").filter(has_text="Level D").wait_for()
    hands.into(dict.fromkeys(("cargo_observed", "transfer_shown", "vesicle_free_control"), "sh"))
    hands.into({"measures-name": "IC50_ratio", "measures-value": "2.4", "measures-p": "<0.001"})
    hands.press("Control+Shift+Enter")
    page.wait_for_url("**/claims/add/?like=**")
