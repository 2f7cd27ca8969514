"""Whatever happens, in whatever order, taken in whenever: what is kept is what a rebuild from scratch gives."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.claims.models import Claim, State
from apps.studies.models import Notice, Study
from apps.synthesis.contradicting import rebuild, take_in
from apps.synthesis.models import Contradiction, Move, Standing, Weighed
from tests.makers import a_decision, a_notice, a_study, a_user
from tests.synthesis.evidence import a_disease, of_cargo, says
from tests.synthesis.test_contradicting import kept, withdrawn

pytestmark = pytest.mark.django_db

MSC = {"category": "mesenchymal_stem_cell"}


def evidence():
    diseases = (a_disease(), a_disease("narrower carcinoma", "synthetic carcinoma"))
    studies = [a_study(authors=authors) for authors in (["Doe J", "Roe R"], ["Poe E", "Loe L"], ["Zoe Z"], [])]
    claims = []
    for number, (edge, effect) in enumerate(
        [("harm", "promotes"), ("benefit", "suppresses"), ("neutral", "no_effect"), ("harm", "marks")]
    ):
        for disease in diseases:
            study = studies[(number + len(claims)) % 4]
            claims.append(of_cargo(edge, effect=effect, disease=disease, study=study, state=State.SUBMITTED))
            claims.append(says(edge, effect=effect, disease=disease, study=study, source=MSC, state=State.SUBMITTED))
    return studies, claims


def accepted(claim):
    claim.state, claim.accepted_at, claim.accepted_by = (
        State.ACCEPTED,
        claim.submitted_at or claim.written_at,
        a_user("bob"),
    )
    a_decision(claim=claim)
    claim.save()


def happen(event, studies, claims):
    """One event, if it can happen now."""
    what, which = event
    if what == "claim":
        claim = claims[which % len(claims)]
        claim.refresh_from_db()
        if claim.state == State.SUBMITTED:
            accepted(claim)
        elif claim.state == State.ACCEPTED:
            withdrawn(claim)
    elif what == "notice":
        study = studies[which % 4]
        standing = Notice.objects.filter(study=study, overruled_at=None)
        if not standing.update(overruled_at=claims[0].written_at, overruled_by=claims[0].author, overruled_reason="x"):
            a_notice(study=study, identifier=str(Notice.objects.count()))
    elif what == "authors":
        Study.objects.filter(pk=studies[which % 4].pk).update(
            authors=["Doe J", "Roe R"] if which % 2 else [f"N{which} A"]
        )
    else:
        take_in()


events = st.lists(
    st.tuples(st.sampled_from(["claim", "claim", "claim", "notice", "authors", "take in"]), st.integers(0, 31)),
    max_size=25,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events)
def test_what_is_kept_is_what_a_rebuild_from_scratch_gives(db, happened):
    with transaction.atomic():
        try:
            studies, claims = evidence()
            for event in happened:
                happen(event, studies, claims)
            take_in()
            step_by_step = kept(), weighed()
            assert told() == {pair: row[:2] for pair, row in weighed().items()}

            Standing.objects.all().delete()
            Contradiction.objects.all().delete()
            Weighed.objects.all().delete()
            rebuild()

            assert (kept(), weighed()) == step_by_step
        finally:
            # The next trial begins with nothing.
            transaction.set_rollback(True)


def weighed():
    """The balances that are kept."""
    rows = Weighed.objects.values_list("cargo__accession", "disease__curie", "mean", "claims", "groups")
    return {f"{cargo} {curie}": rest for cargo, curie, *rest in rows}


def told():
    """Where the moves that were told lead: the last of each balance that there still is."""
    last = {move.key: move for move in Move.objects.filter(of="balance").order_by("pk")}
    return {key: [move.after, move.count_after] for key, move in last.items() if move.count_after}


def test_the_events_do_lead_to_contradictions():
    """Else the test above compares nothing with nothing."""
    studies, claims = evidence()
    for which in range(len(claims)):
        happen(("claim", which), studies, claims)
    take_in()

    assert Contradiction.objects.count() >= 2
    assert Weighed.objects.count() == 2
    assert told()
    assert Claim.objects.accepted().count() == len(claims)
