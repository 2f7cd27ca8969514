"""No code of ours switches the rules of the database off."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# pgtrigger's own switch, by call, import or setting, and PostgreSQL's two.
SWITCHES = re.compile(
    r"pgtrigger[\w.]*\.(?:ignore|disable|uninstall)|pgtrigger\.runtime"
    r"|from pgtrigger[\w.]* import [^\n]*\b(?:ignore|disable|uninstall)"
    r"|session_replication_role|DISABLE\s+TRIGGER",
    re.IGNORECASE,
)
# A migration may have to, with what it changes under the eyes of a review.
CODE = [path for part in ("apps", "exodb") for path in (ROOT / part).rglob("*.py") if path.parent.name != "migrations"]


def switches(text):
    return [found[0] for found in SWITCHES.finditer(text)]


def test_nothing_in_the_application_switches_a_rule_off():
    assert len(CODE) > 100

    assert {str(path.relative_to(ROOT)): found for path in CODE if (found := switches(path.read_text()))} == {}


@pytest.mark.parametrize(
    "code",
    [
        'with pgtrigger.ignore("claims.Claim:claim_two_people"):',
        "from pgtrigger import ignore",
        "import pgtrigger.runtime",
        'pgtrigger.disable("claims.Claim:claim_two_people")',
        "cursor.execute(\"SET pgtrigger.ignore = '{claim_two_people}'\")",
        "cursor.execute('SET session_replication_role = replica')",
        "cursor.execute('ALTER TABLE claims_claim disable trigger user')",
    ],
)
def test_each_way_would_be_seen(code):
    assert switches(code)
