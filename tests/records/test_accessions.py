import threading
from itertools import pairwise

import pytest
from django.db import connection, transaction

from apps.curation.models import Merge
from apps.records.models import Accession
from tests.makers import a_cargo, a_claim, a_preparation, a_source, a_study, a_user
from tests.records.refusals import met, refused, run

pytestmark = pytest.mark.django_db

MAKERS = {
    "EXST": ("studies_study", a_study),
    "EXVS": ("vesicles_vesiclesource", a_source),
    "EXPR": ("vesicles_preparation", a_preparation),
    "EXCG": ("vesicles_cargo", lambda **fields: a_cargo(f"synthetic cargo {len(fields)}", **fields)),
    "EXCL": ("claims_claim", lambda **fields: a_claim(state="draft", **fields)),
}
KEEPS = {
    "EXST": "exst_keeps_accession",
    "EXVS": "exvs_keeps_accession",
    "EXPR": "expr_keeps_accession",
    "EXCG": "excg_keeps_accession",
    "EXCL": "excl_keeps_accession",
}
every_kind = pytest.mark.parametrize("kind", MAKERS)


@every_kind
def test_a_new_record_draws_an_accession_beyond_those_of_the_starter_collection(kind):
    record = MAKERS[kind][1]()
    record.refresh_from_db()

    assert record.accession.startswith(kind)
    assert int(record.accession[4:]) > 1_000_000
    assert Accession.objects.get(pk=record.accession).kind == kind
    met(f"{kind.lower()}_registers_accession")


@every_kind
def test_a_record_may_bring_its_accession(kind):
    MAKERS[kind][1](accession=f"{kind}0000042")

    assert Accession.objects.filter(pk=f"{kind}0000042", removed_at=None).exists()


@every_kind
def test_an_accession_is_never_changed(kind):
    table, maker = MAKERS[kind]

    refused(KEEPS[kind], f"UPDATE {table} SET accession = %s WHERE id = %s", [f"{kind}0000077", maker().pk])


@every_kind
def test_an_accession_is_never_given_again_even_when_its_record_is_gone(kind):
    table, maker = MAKERS[kind]
    record = maker(accession=f"{kind}0000042")
    columns = [column for (column,) in run(_COLUMNS, [table]) if column not in {"id", "accession"}]
    listed = ", ".join(f'"{column}"' for column in columns)
    run(f"CREATE TEMP TABLE gone ON COMMIT DROP AS SELECT {listed} FROM {table} WHERE id = %s", [record.pk])
    run(f"DELETE FROM {table} WHERE id = %s", [record.pk])

    refused(
        "records_accession_pkey",
        f"INSERT INTO {table} (accession, {listed}) SELECT %s, {listed} FROM gone",
        [f"{kind}0000042"],
    )
    assert Accession.objects.get(pk=f"{kind}0000042").removed_at is not None
    met(f"{kind.lower()}_remembers_accession")


_COLUMNS = """
SELECT column_name FROM information_schema.columns
WHERE table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position
"""


@pytest.mark.parametrize(
    ("rule", "accession"),
    [
        ("accession_well_formed", "EXST42"),
        ("accession_well_formed", "EXST00000x1"),
        ("accession_of_its_kind", "exst0000001"),
        ("accession_of_its_kind", ""),
        ("accession_of_its_kind", "EXCL0000001"),
    ],
)
def test_a_malformed_accession_is_refused(rule, accession):
    refused(
        rule,
        """INSERT INTO studies_study
        (accession, kind, title, journal, year, authors, pmid, pages_read, depth, curated_on)
        VALUES (%s, 'primary', 'Synthetic', 'J', 2020, '{}', '900999999', '{}', 'abstract', '2026-11-01')""",
        [accession],
    )


def test_the_kind_of_an_accession_is_known():
    refused("accession_kind_known", "INSERT INTO records_accession (accession, kind) VALUES ('EXST0000001', 'EXXX')")


def test_the_register_of_accessions_is_neither_changed_nor_cut():
    study = a_study(accession="EXST0000042")

    refused("accession_not_deleted", "DELETE FROM records_accession WHERE accession = 'EXST0000042'")
    refused("accession_not_changed", "UPDATE records_accession SET accession = 'EXST0000043'")
    refused("accession_not_changed", "UPDATE records_accession SET given_at = '2001-01-01'")
    assert study.accession == "EXST0000042"


def test_an_accession_does_not_lead_to_itself():
    a_study(accession="EXST0000042")

    refused("accession_not_merged_into_itself", "UPDATE records_accession SET merged_into_id = accession")


def test_a_record_is_merged_into_one_of_its_own_kind():
    a_study(accession="EXST0000042")
    a_source(accession="EXVS0000042")

    refused(
        "accession_merged_within_kind",
        "UPDATE records_accession SET merged_into_id = 'EXVS0000042' WHERE accession = 'EXST0000042'",
    )


MERGE = "UPDATE records_accession SET merged_into_id = %s WHERE accession = %s"


@pytest.mark.parametrize("long", [2, 3])
def test_merged_records_lead_in_no_circle(long):
    studies = [f"EXST000004{number}" for number in range(long)]
    for study in studies:
        a_study(accession=study)
    with transaction.atomic():
        for here, there in pairwise(studies):
            run(MERGE, [there, here])

        refused("accession_merged_without_circle", MERGE, [studies[0], studies[-1]])
        # Without a merge beside it, the register would be refused at the end.
        transaction.set_rollback(True)


@pytest.mark.django_db(transaction=True)
def test_two_merges_at_once_make_no_circle():
    erin = a_user("erin", role="editor")
    for study in ("EXST0000041", "EXST0000042"):
        a_study(accession=study).delete()
    told = []

    def merge() -> None:
        try:
            run(MERGE, ["EXST0000041", "EXST0000042"])
        except Exception as problem:  # noqa: BLE001
            told.append(str(problem))
        connection.close()

    with transaction.atomic():
        run(MERGE, ["EXST0000042", "EXST0000041"])
        Merge.objects.create(
            kind="EXST", gone_id="EXST0000041", into_id="EXST0000042", by=erin, reason="synthetic reason", moved={}
        )
        other = threading.Thread(target=merge)
        other.start()
        other.join(0.5)
        assert other.is_alive()
    other.join()

    assert "leads back to this one" in told[0]
