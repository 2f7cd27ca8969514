import pytest

from tests.makers import a_notice, a_study, a_user
from tests.records.refusals import refused, run

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("study_kind_known", "kind = 'rumour'"),
        ("study_depth_known", "depth = 'skimmed'"),
        ("study_has_title", "title = ''"),
        ("study_has_title", "title = E' \\n'"),
        ("study_authors_have_names", "authors = '{Doe J,\"\"}'"),
        ("study_authors_have_names", "authors = '{Doe J,\"  \"}'"),
        ("study_authors_have_names", "authors = '{NULL}'"),
        ("study_year_plausible", "year = 1945"),
        ("study_year_plausible", "year = 2101"),
        ("study_has_identifier", "pmid = NULL"),
        ("study_pmid_well_formed", "pmid = ''"),
        ("study_pmid_well_formed", "pmid = '0123'"),
        ("study_pmid_well_formed", "pmid = '12 34'"),
        ("study_pmid_well_formed", "pmid = E'1234\\n'"),
        ("study_pmcid_well_formed", "pmcid = '5482839'"),
        ("study_pmcid_well_formed", "pmcid = 'pmc5482839'"),
        ("study_doi_well_formed", "doi = '10.1038/S41598-017-04386-1'"),
        ("study_doi_well_formed", "doi = 'https://doi.org/10.1038/s41598'"),
        ("study_doi_well_formed", "doi = '10.1038/'"),
        ("study_doi_well_formed", "doi = '10.1038/a b'"),
        ("study_nct_well_formed", "nct = 'NCT123'"),
        ("study_nct_well_formed", "nct = 'nct03235687'"),
        ("study_status_derived", "status = 'retracted'"),
    ],
)
def test_what_a_study_can_not_be_is_refused(rule, change):
    refused(rule, f"UPDATE studies_study SET {change} WHERE id = %s", [a_study().pk])


@pytest.mark.parametrize(
    ("name", "value"),
    [("pmid", "123"), ("pmcid", "PMC123"), ("doi", "10.1234/synthetic"), ("nct", "NCT00000001")],
)
def test_an_identifier_belongs_to_one_study(name, value):
    a_study(**{name: value})

    refused(
        rf"studies_study_{name}_\w*(key|uniq)",
        f"UPDATE studies_study SET {name} = %s WHERE id = %s",
        [value, a_study().pk],
    )


INSERT = """
INSERT INTO studies_study (kind, title, journal, year, authors, pmid, pages_read, depth, curated_on, status)
VALUES ('primary', 'Synthetic', 'J', 2020, '{}', '900999999', '{}', 'abstract', '2026-11-01', %s)
"""


def test_a_study_starts_without_a_status_of_its_own():
    refused("study_status_starts_published", INSERT, ["retracted"])


def test_a_status_that_does_not_exist_is_refused():
    run("ALTER TABLE studies_study DISABLE TRIGGER USER")

    refused("study_status_known", INSERT, ["famous"])


# --- notices ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("notice_not_changed", "nature = 'correction'"),
        ("notice_not_changed", "service = 'another'"),
        ("notice_not_changed", "identifier = '10.1234/another'"),
        ("notice_not_changed", "first_seen = '2020-01-01'"),
        ("notice_not_changed", "dated = '2020-01-01'"),
        ("notice_not_changed", "reason = 'Another reason.'"),
        ("notice_vanished_after_it_was_seen", "vanished_on = '2026-10-31'"),
        (
            "notice_overruled_with_reason",
            "overruled_at = now(), overruled_by_id = (SELECT max(id) FROM people_user), overruled_reason = ' '",
        ),
        ("notice_seen_in_order", "last_seen = '2020-01-01'"),
        ("notice_overruled_with_reason", "overruled_at = now()"),
        ("notice_overruled_with_reason", "overruled_reason = 'wrong paper'"),
        ("notice_overruled_with_reason", "overruled_at = now(), overruled_reason = 'wrong paper'"),
    ],
)
def test_a_notice_is_kept_as_it_was_reported(rule, change):
    refused(rule, f"UPDATE studies_notice SET {change} WHERE id = %s", [a_notice(study=a_study()).pk])


def test_a_notice_moves_to_no_other_study():
    notice, other = a_notice(study=a_study()), a_study()

    refused("notice_not_changed", "UPDATE studies_notice SET study_id = %s WHERE id = %s", [other.pk, notice.pk])


def test_to_overrule_takes_a_reason():
    notice, bob = a_notice(study=a_study()), a_user("bob")

    refused(
        "notice_overruled_with_reason",
        "UPDATE studies_notice SET overruled_at = now(), overruled_by_id = %s WHERE id = %s",
        [bob.pk, notice.pk],
    )


def test_a_notice_is_never_deleted():
    refused("notice_not_deleted", "DELETE FROM studies_notice WHERE id = %s", [a_notice(study=a_study()).pk])


NOTICE = """
INSERT INTO studies_notice (study_id, service, nature, identifier, reason, first_seen, last_seen, overruled_reason)
VALUES (%s, 'curation', %s, '', '', '2026-11-01', '2026-11-01', '')
"""


def test_a_notice_of_an_unknown_nature_is_refused():
    refused("notice_nature_known", NOTICE, [a_study().pk, "gossip"])


def test_a_service_reports_a_notice_once():
    study = a_study(status="corrected")

    refused("notice_once", NOTICE, [study.pk, "correction"])


# --- citation counts --------------------------------------------------------------------------------------------------

COUNT = "INSERT INTO studies_citationcount (study_id, service, day, count) VALUES (%s, 'synthetic', '2026-11-01', %s)"


def test_citation_counts_are_only_ever_added():
    study = a_study()
    run(COUNT, [study.pk, 3])

    refused("citation_count_not_changed", "UPDATE studies_citationcount SET count = 4")
    refused("citation_count_not_deleted", "DELETE FROM studies_citationcount")
    refused("citation_count_once_a_day", COUNT, [study.pk, 5])


@pytest.mark.parametrize("ratio", ["NaN", "-0.1", "Infinity"])
def test_a_citation_ratio_is_a_number_from_0(ratio):
    refused(
        "citation_ratio_plausible",
        """INSERT INTO studies_citationcount (study_id, service, day, count, ratio)
        VALUES (%s, 'synthetic', '2026-11-01', 3, %s)""",
        [a_study().pk, ratio],
    )


def test_a_citation_count_is_not_negative():
    refused("studies_citationcount_count_check", COUNT, [a_study().pk, -1])
