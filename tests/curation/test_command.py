"""The command `review`: each claim by itself, exit codes, clear words."""

import pytest
from django.core.management import CommandError, call_command

from apps.claims import workflow
from apps.claims.models import Claim, Decision
from apps.people.models import Role
from tests.makers import a_claim, a_user, an_interest

pytestmark = pytest.mark.django_db


@pytest.fixture
def bob():
    bob = a_user("bob")
    an_interest(bob)
    return bob


def submitted():
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    return claim


def review(*words):
    call_command("review", *words)


def refused_with(code, *words):
    with pytest.raises(CommandError) as met:
        review(*words)
    assert met.value.returncode == code
    return str(met.value)


def test_each_is_done_and_told(bob, capsys):
    one, other = submitted(), submitted()

    review("accept", one.accession, f"{other.accession}.1", "--as", "bob")

    assert Claim.objects.accepted().count() == 2
    assert capsys.readouterr().out.count("was accepted") == 2


def test_what_is_refused_leaves_the_others_alone(bob, capsys):
    good = submitted()

    assert "2 of 3 refused" in refused_with(
        1, "reject", good.accession, "EXCL7777777", "nonsense", "--as", "bob", "--reason", "no vesicles"
    )

    said = capsys.readouterr()
    assert "was rejected" in said.out
    assert "EXCL7777777: there is no such claim" in said.err
    assert "nonsense: no accession" in said.err
    assert Decision.objects.get().reason == "no vesicles"


def test_a_reason_is_asked_for_before_anything_is_done(bob):
    claim = submitted()

    assert "takes a reason" in refused_with(2, "request-changes", claim.accession, "--as", "bob")
    assert Claim.objects.get().state == "submitted"


def test_somebody_has_to_stand_for_it():
    assert "Nobody here is called nobody" in refused_with(2, "accept", "EXCL0000001", "--as", "nobody")


def test_of_several_versions_one_is_to_be_named(bob, capsys):
    public = a_claim(author=a_user("zoe"))
    public.refresh_from_db()
    for name in ("alice", "carol"):
        draft = workflow.revise(accession=public.accession, by=a_user(name), reason="why")
        workflow.submit(claim_id=draft.pk, by=a_user(name))

    refused_with(1, "accept", public.accession, "--as", "bob")
    assert f"name one: {public.accession}.2, {public.accession}.3" in capsys.readouterr().err
    review("accept", f"{public.accession}.3", "--as", "bob")
    assert Claim.objects.accepted().get().version == 3


def test_what_was_decided_already_says_by_whom(bob, capsys):
    claim = submitted()
    review("accept", claim.accession, "--as", "bob")

    refused_with(1, "accept", claim.accession, "--as", "bob")
    assert "is accepted by bob on" in capsys.readouterr().err


def test_a_draft_is_submitted_and_an_accepted_claim_withdrawn():
    erin = a_user("erin", role=Role.EDITOR)
    an_interest(erin)
    draft, public = a_claim(state="draft", author=a_user("alice")), a_claim()
    draft.refresh_from_db(), public.refresh_from_db()

    review("submit", draft.accession, "--as", "alice")
    review("withdraw", public.accession, "--as", "erin", "--reason", "misread")

    assert {claim.state for claim in Claim.objects.all()} == {"submitted", "withdrawn"}
