"""The review screen, the queue and the dashboard: what people see, press, and are told."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.citations.models import Alert
from apps.claims import workflow
from apps.claims.models import Claim, Decision, Interest, Measure
from apps.curation.assigning import assign
from apps.curation.discussion import comment
from apps.curation.models import Assignment, Comment, Likeness
from apps.people.models import Role
from apps.studies.models import Study
from apps.vesicles.models import EV_METRIC, Preparation, VesicleSource
from tests import makers
from tests.makers import a_cargo, a_claim, a_notice, a_preparation, a_study, a_user, an_interest

pytestmark = pytest.mark.django_db


@pytest.fixture
def sign_in(client):
    def signing(name, role=Role.CURATOR, *, stated=True):
        person = a_user(name, role=role)
        if stated:
            an_interest(person)
        makers.signed_in(client, person)
        return person

    return signing


def submitted(**fields):
    claim = a_claim(state="submitted", author=fields.pop("author", None) or a_user("alice"), **fields)
    claim.refresh_from_db()
    return claim


def a_revision(**columns):
    public = a_claim(author=a_user("zoe"), targets=("PTEN",))
    public.refresh_from_db()
    draft = workflow.revise(accession=public.accession, by=a_user("alice"), reason="Figure 3 says more.")
    Claim.objects.filter(pk=draft.pk).update(**columns)
    Measure.objects.create(claim=draft, position=0, name="AUC", value=0.9)
    return workflow.submit(claim_id=draft.pk, by=a_user("alice"))


def screen(claim):
    return reverse("admin:review_version", args=[claim.accession, claim.version])


def act(claim, name):
    return reverse("admin:review_act", args=[claim.accession, claim.version, name])


def told(answer):
    words = answer.content.decode().replace("&quot;", '"').replace("&#x27;", "'")
    return " ".join(words.split())


def press(client, claim, name, **fields):
    page = told(client.get(screen(claim)))
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)
    return client.post(act(claim, name), {"seen": seen[1] if seen else "", **fields}, follow=True)


# --- the screen ------------------------------------------------------------------------------------------------------


def test_the_screen_shows_the_claim_as_the_public_page_will(client, sign_in):
    sign_in("bob")
    claim = submitted(targets=("CYLD",), measures=({"name": "AUC", "value": 0.87},))

    page = told(client.get(screen(claim)))
    parts = re.search(r'<div class="public-page">(.*?)</div> </section> <section class="module" aria', page)[1]
    workflow.accept(claim_id=claim.pk, by=a_user("bob"))
    public = told(client.get(claim.get_absolute_url()))

    diagram = re.search(r'<ol class="diagram".*?</ol>', parts)[0]
    assert diagram in public
    for words in ("CYLD", "0.87", "How far the vesicle was shown to be the cause", "EV-METRIC"):
        assert words in parts


def test_a_revision_shows_what_it_changes_first_and_the_rest_folded(client, sign_in):
    sign_in("bob")
    revision = a_revision(statement="Synthetic vesicles made synthetic cells shrink; this claim is made up for a test.")

    page = told(client.get(screen(revision)))

    changed, _, rest = page.partition("The fields behind it")
    assert "What the revision changes: 2 fields" in changed
    assert "<del>grow</del>" in changed
    assert "<ins>shrink</ins>" in changed
    assert "<ins>AUC 0.9</ins>" in changed
    assert "PTEN" in rest
    assert "Fields that stay as they are" in rest


def test_words_that_look_like_markup_are_words(client, sign_in):
    sign_in("bob")
    hostile = "<script>alert(1)</script> & <b>bold</b>"
    revision = a_revision(statement=hostile, outcome=hostile)
    comment(accession=revision.accession, by=a_user("alice"), text=hostile)

    for address in (
        screen(revision),
        reverse("admin:review_compare", args=[revision.accession]),
        reverse("admin:review"),
        reverse("admin:index"),
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "<b>bold" not in page, address
    workflow.accept(claim_id=revision.pk, by=a_user("bob"), reason=hostile)
    history = client.get(f"/claims/{revision.accession}/history/").content.decode()
    assert "<script>alert" not in history
    assert "&lt;script&gt;" in history


def test_a_notice_on_the_study_stands_above_the_claim(client, sign_in):
    sign_in("bob")
    study = a_study()
    claim = submitted(preparation=a_preparation(study=study))
    a_notice(study=study, reason="Synthetic notice")

    page = told(client.get(screen(claim)))
    assert "RETRACTED: this study has been retracted" in page
    assert f"https://pubmed.ncbi.nlm.nih.gov/{study.pmid}/" in page


def test_what_agrees_and_what_contradicts_stands_beside_it(client, sign_in):
    sign_in("bob")
    cargo = a_cargo("miR-21")
    claim = submitted(cargo=cargo)
    a_claim(cargo=cargo, statement="A synthetic claim that agrees.")
    a_claim(cargo=cargo, edge="benefit", statement="A synthetic claim that contradicts.")

    page = told(client.get(screen(claim)))
    against = page[page.index("Contradict it: 1") : page.index("Agree with it: 1")]
    assert "A synthetic claim that contradicts." in against
    assert "A synthetic claim that agrees." in page[page.index("Agree with it: 1") :]


def test_the_screen_costs_the_same_however_much_is_said(client, sign_in):
    sign_in("bob")
    revision = a_revision(edge="benefit")
    counts = []
    for number in (1, 12):
        for _ in range(number):
            comment(accession=revision.accession, by=a_user("alice"), text="Synthetic.")
            a_claim(cargo=None)
            submitted()
        with CaptureQueriesContext(connection) as queries:
            assert client.get(screen(revision)).status_code == 200
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 65


@pytest.mark.parametrize("path", ["EXCL7777777/", "EXCL7777777/1/", "nonsense/1/", "EXCL7777777/compare/"])
def test_a_claim_that_is_not_there_is_a_404(client, sign_in, path):
    sign_in("bob")
    assert client.get(f"/admin/review/{path}").status_code == 404


def test_an_act_that_is_not_there_is_a_404(client, sign_in):
    sign_in("bob")
    assert client.get(act(submitted(), "publish")).status_code == 404


def test_the_accession_alone_leads_to_what_waits(client, sign_in):
    sign_in("bob")
    revision = a_revision()

    assert client.get(reverse("admin:review_claim", args=[revision.accession])).url == screen(revision)


@pytest.mark.parametrize(
    "name", ["review", "review_next", "review_mine", "review_unread", "review_due", "review_alike", "review_numbers"]
)
def test_readers_and_strangers_see_none_of_it(client, name):
    client.force_login(a_user("rita", role=Role.READER))

    answer = client.get(reverse(f"admin:{name}"))
    assert answer.status_code == 302
    assert "/login/" in answer.url


# --- deciding --------------------------------------------------------------------------------------------------------


def test_after_a_decision_comes_the_next_in_the_queue(client, sign_in):
    bob = sign_in("bob")
    first, second = submitted(), submitted()

    answer = press(client, first, "accept", reason="Checked figure 2.")

    assert answer.request["PATH_INFO"] == screen(second)
    assert f"{first}, version 1: accepted." in told(answer)
    assert Decision.objects.get().by == bob
    answer = press(client, second, "request_changes", reason="Give the group sizes.")
    assert "Nothing waits for your review." in told(answer)
    assert Claim.objects.get(pk=second.pk).state == "draft"


@pytest.mark.parametrize("name", ["request_changes", "reject"])
def test_a_reason_is_required_where_the_act_asks_for_one(client, sign_in, name):
    sign_in("bob")
    claim = submitted()

    answer = press(client, claim, name, reason="   ")

    assert answer.status_code == 409
    assert "Write why" in told(answer)
    assert f'<details class="act act-{name}"' in told(answer)
    assert not Decision.objects.exists()


def test_the_statement_of_interests_comes_first_and_leads_back_with_the_reason(client, sign_in):
    bob = sign_in("bob", stated=False)
    claim = submitted()

    answer = press(client, claim, "request_changes", reason="Give the group sizes, please.")
    assert "State this and go on" in told(answer)
    assert "state your interests" in told(answer)
    onward = re.search(r'name="next" value="([^"]+)"', answer.content.decode())[1]
    assert onward == act(claim, "request_changes")

    answer = client.post(
        reverse("admin:review_interests"), {"none": "on", "published_as": "Bobson B", "next": onward}, follow=True
    )

    assert answer.request["PATH_INFO"] == onward
    assert "Give the group sizes, please." in told(answer)
    assert Interest.objects.get().published_as == ["Bobson B"]
    assert not Decision.objects.exists(), "nobody decides by stating their interests"
    press(client, claim, "request_changes", reason="Give the group sizes, please.")
    assert Decision.objects.get().by == bob


def test_a_statement_says_none_or_which(client, sign_in):
    sign_in("bob", stated=False)

    for fields in ({}, {"none": "on", "interests": "shares"}):
        page = told(client.post(reverse("admin:review_interests"), fields))
        assert "Declare that there are none, or name them." in page
    assert not Interest.objects.exists()


@pytest.mark.parametrize("onward", ["https://evil.example/", "//evil.example/", "/claims/", "javascript:alert(1)"])
def test_a_statement_leads_nowhere_else(client, sign_in, onward):
    sign_in("bob", stated=False)

    answer = client.post(reverse("admin:review_interests"), {"none": "on", "next": onward})
    assert answer.url == reverse("admin:review")


def test_of_two_who_accept_one_is_told_who_was_first(client, sign_in):
    sign_in("bob")
    claim = submitted()
    page = told(client.get(screen(claim)))
    carol = a_user("carol")
    an_interest(carol)
    workflow.accept(claim_id=claim.pk, by=carol)

    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]
    answer = client.post(act(claim, "accept"), {"seen": seen, "reason": ""})

    assert answer.status_code == 409
    assert "is accepted by carol on" in told(answer)
    assert Decision.objects.count() == 1


def test_nobody_accepts_words_that_they_have_not_read(client, sign_in):
    bob = sign_in("bob")
    claim = submitted()
    page = told(client.get(screen(claim)))
    workflow.take_back(claim_id=claim.pk, by=claim.author)
    Claim.objects.filter(pk=claim.pk).update(statement="Synthetic vesicles did something else.")
    workflow.submit(claim_id=claim.pk, by=claim.author)

    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', page)[1]
    answer = client.post(act(claim, "accept"), {"seen": seen})

    assert "changed since you opened it" in told(answer)
    assert "did something else" in told(answer)
    assert not Decision.objects.filter(by=bob).exists()


CHANGED_BESIDE = {
    "the kind of the study": (Study, {"kind": "meta_analysis"}),
    "its title": (Study, {"title": "Another synthetic study"}),
    "the word for the vesicles": (Preparation, {"term": "synthetic vesicle"}),
    "an item of EV-METRIC": (Preparation, {next(iter(EV_METRIC)): "reported"}),
    "the source": (VesicleSource, {"name": "other synthetic cells"}),
}


@pytest.mark.parametrize("changed", CHANGED_BESIDE.values(), ids=CHANGED_BESIDE)
def test_nobody_accepts_a_study_or_vesicles_that_they_have_not_read(client, sign_in, changed):
    sign_in("bob")
    claim = submitted()
    seen = re.search(r'name="seen" value="([0-9a-f]{64})"', told(client.get(screen(claim))))[1]
    model, change = changed
    model.objects.update(**change)

    answer = client.post(act(claim, "accept"), {"seen": seen})

    assert answer.status_code == 409
    assert "read it again" in told(answer)
    assert not Decision.objects.exists()
    assert "accepted." in told(press(client, claim, "accept"))


def test_a_decision_without_what_was_seen_is_refused(client, sign_in):
    sign_in("bob")
    claim = submitted()

    assert client.post(act(claim, "accept"), {"reason": ""}).status_code == 409
    assert not Decision.objects.exists()


def test_a_draft_is_submitted_taken_back_and_a_public_claim_revised_and_withdrawn(client, sign_in):
    erin = sign_in("erin", Role.EDITOR)
    draft, public = a_claim(state="draft", author=erin), a_claim()
    draft.refresh_from_db(), public.refresh_from_db()

    assert "submitted." in told(press(client, draft, "submit"))
    assert "taken back." in told(press(client, draft, "take_back", reason="not yet"))
    answer = press(client, public, "revise", reason="Figure 3 says more.")
    assert answer.request["PATH_INFO"].startswith(f"/admin/entry/{public.preparation.study.accession}/claims/")
    assert "withdrawn." in told(press(client, public, "withdraw", reason="misread"))
    assert Claim.objects.get(pk=public.pk).state == "withdrawn"


def test_a_revision_that_was_overtaken_says_so_and_is_brought_up_to_date(client, sign_in):
    public = a_claim(author=a_user("zoe"))
    public.refresh_from_db()
    late = workflow.revise(accession=public.accession, by=a_user("alice"), reason="why")
    other = workflow.revise(accession=public.accession, by=a_user("carol"), reason="why")
    workflow.submit(claim_id=other.pk, by=other.author)
    an_interest(a_user("bob"))
    workflow.accept(claim_id=other.pk, by=a_user("bob"))
    sign_in("alice")

    assert "Version 3 became public since this one was begun." in told(client.get(screen(late)))
    assert "became public since version 2 was begun" in told(press(client, late, "submit"))
    assert "brought up to date." in told(press(client, late, "catch_up"))
    assert "submitted." in told(press(client, late, "submit"))


def test_a_contributor_decides_on_nothing_and_is_told_why(client, sign_in):
    sign_in("cy", Role.CONTRIBUTOR, stated=False)
    claim = submitted()

    page = told(client.get(screen(claim)))
    assert "To accept a claim takes the role of curator" in page
    assert client.post(act(claim, "accept"), {}).status_code == 409


# --- discussion, assignment ------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_happened_and_what_was_said_stand_in_one_line_of_time(client, sign_in):
    bob = sign_in("bob")
    revision = a_revision()
    client.post(reverse("admin:review_comment", args=[revision.accession, 2]), {"text": "Which figure, @alice?"})
    workflow.request_changes(claim_id=revision.pk, by=bob, reason="Give the group sizes.")
    workflow.submit(claim_id=revision.pk, by=a_user("alice"), reason="They are in now.")
    workflow.take_back(claim_id=revision.pk, by=a_user("alice"))

    page = told(client.get(screen(revision)))

    line = page[page.index('<ol class="timeline">') :]
    words = ["Figure 3 says more.", "Which figure, ", "Give the group sizes.", "They are in now.", "taken back"]
    assert [line.index(each) for each in words] == sorted(line.index(each) for each in words)
    assert line.count("changes requested") == 1


def test_a_comment_is_new_until_it_was_on_the_screen(client, sign_in):
    sign_in("alice")
    claim = submitted()
    comment(accession=claim.accession, by=a_user("bob"), text="Which figure, @alice?")

    assert "mentions you" in told(client.get(reverse("admin:review_unread")))
    assert "mentions you" in told(client.get(reverse("admin:index")))
    assert "new-mark" in told(client.get(screen(claim)))
    assert "new-mark" not in told(client.get(screen(claim)))
    assert "Nothing unread." in told(client.get(reverse("admin:review_unread")))


def test_a_comment_that_is_refused_stays_in_its_box(client, sign_in):
    sign_in("bob")
    claim = submitted()

    answer = client.post(reverse("admin:review_comment", args=[claim.accession, 1]), {"text": "Ask @nobody."})

    assert answer.status_code == 422
    assert "Nobody here is called @nobody." in told(answer)
    assert ">Ask @nobody.</textarea>" in told(answer)
    assert not Comment.objects.exists()


def test_an_editor_asks_for_a_review_on_the_screen(client, sign_in):
    sign_in("erin", Role.EDITOR)
    claim, bob = submitted(), a_user("bob")
    address = reverse("admin:review_assign", args=[claim.accession, 1])

    asked = told(client.post(address, {"reviewer": "bob"}, follow=True))
    assert f"The review of {claim} was asked of bob." in asked
    assert Assignment.objects.get().reviewer == bob
    assert "can't be asked" in told(client.post(address, {"reviewer": "alice"}, follow=True))
    client.post(address, {"reviewer": ""})
    assert not Assignment.objects.exists()


# --- the queue, the lists, the dashboard -----------------------------------------------------------------------------


def queue(client, **asked):
    page = told(client.get(reverse("admin:review"), asked))
    return {claim.pk for claim in Claim.objects.all() if screen(claim) in page}


def test_the_queue_is_narrowed_by_each_of_its_filters(client, sign_in):
    bob = sign_in("bob")
    new, revision = submitted(aspect="metastasis", disease="synthetic glioma"), a_revision()
    theirs, own = submitted(author=a_user("carol")), submitted(author=bob)
    assign(claim_id=theirs.pk, reviewer=bob, by=a_user("erin", role=Role.EDITOR))

    assert queue(client) == {new.pk, revision.pk, theirs.pk}
    assert queue(client, whose="all") == {new.pk, revision.pk, theirs.pk, own.pk}
    assert queue(client, aspect="metastasis") == {new.pk}
    assert queue(client, disease="GLIOMA") == {new.pk}
    assert queue(client, author="Carol") == {theirs.pk}
    assert queue(client, assigned="me") == queue(client, assigned="somebody") == {theirs.pk}
    assert queue(client, assigned="nobody") == {new.pk, revision.pk}
    assert queue(client, kind="revision") == {revision.pk}
    assert queue(client, kind="new") == {new.pk, theirs.pk}
    assert queue(client, age="1") == set()
    assert queue(client, age="0") == {new.pk, revision.pk, theirs.pk}


def test_a_filter_that_can_not_be_is_told(client, sign_in):
    sign_in("bob")

    assert "Select a valid choice" in told(client.get(reverse("admin:review"), {"aspect": "colour"}))
    assert client.get(reverse("admin:review"), {"disease": "a\0b"}).status_code == 200
    assert client.get(reverse("admin:review_next"), {"after": "9" * 30}).status_code == 302


def test_a_longer_queue_costs_no_more_and_has_pages(client, sign_in):
    sign_in("bob")
    counts = []
    for number in (1, 51):
        for _ in range(number):
            submitted()
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:review"))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 8
    assert "Page 1 of 2" in told(client.get(reverse("admin:review")))


def test_the_dashboard_counts_each_kind_of_work_with_a_way_there(client, sign_in):
    erin = sign_in("erin", Role.EDITOR)
    a_claim(state="draft", author=erin)
    back = submitted(author=erin)
    an_interest(a_user("bob"))
    workflow.request_changes(claim_id=back.pk, by=a_user("bob"), reason="Give the group sizes.")
    submitted()
    comment(accession=back.accession, by=a_user("bob"), text="Or leave it, @erin.")
    Alert.objects.create(notice=a_notice(study=a_study()))
    pair = sorted(claim.accession for claim in (submitted(), submitted()))
    Likeness.objects.create(one_id=pair[0], other_id=pair[1], score=0.9)

    page = told(client.get(reverse("admin:index")))

    found = dict(re.findall(r'">([A-Z][^<]+)</a> <span class="how-many">(\d+)</span>', page))
    assert found == {
        "Changes requested of me": "1",
        "Waiting for my review": "3",
        "Decided against": "0",
        "My drafts": "1",
        "Mine, waiting for review": "0",
        "Unread comments": "1",
        "Names to ground": found["Names to ground"],
        "Cargos to ground": "0",
        "Retraction alerts": "1",
        "Studies due for re-curation": "0",
        "Possible duplicates": "1",
        "To grade blind": "0",
    }
    assert "Give the group sizes." in page
    for address in re.findall(r'<h2 id="work-\d+"> <a href="([^"]+)"', page):
        assert client.get(address.replace("&amp;", "&")).status_code == 200, address


def test_the_dashboard_costs_the_same_for_much_work_and_for_little(client, sign_in):
    bob = sign_in("bob")
    counts = []
    for number in (1, 10):
        for _ in range(number):
            a_claim(state="draft", author=bob)
            claim = submitted(preparation=a_preparation(study=a_study(pmcid=f"PMC{Claim.objects.count() + 900}")))
            comment(accession=claim.accession, by=a_user("alice"), text="Look, @bob.")
        with CaptureQueriesContext(connection) as queries:
            client.get(reverse("admin:index"))
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 30


def test_lists_of_ones_own_show_what_came_back_and_why(client, sign_in):
    alice = sign_in("alice")
    an_interest(a_user("bob"))
    back = submitted(author=alice)
    workflow.request_changes(claim_id=back.pk, by=a_user("bob"), reason="Give the group sizes.")
    address = reverse("admin:review_mine")

    assert "Give the group sizes." in told(client.get(address, {"which": "sent_back"}))
    assert screen(back) not in told(client.get(address))
    assert client.get(address, {"which": "nonsense"}).status_code == 200


def test_an_editor_rules_out_a_pair_and_a_curator_does_not(client, sign_in):
    one, other = sorted(study.accession for study in map(fresh, (a_study(), a_study())))
    pair = Likeness.objects.create(one_id=one, other_id=other, score=0.8)
    address = reverse("admin:review_alike")
    sign_in("bob")
    assert "Not the same" not in told(client.get(address))
    assert "Editors rule" in told(client.post(address, {"pair": pair.pk}, follow=True))
    sign_in("erin", Role.EDITOR)

    assert "not proposed again" in told(client.post(address, {"pair": pair.pk}, follow=True))
    assert client.post(address, {"pair": "x"}).status_code == 404
    assert not Likeness.objects.to_do().exists()


def fresh(record):
    record.refresh_from_db()
    return record


def test_numbers_of_everybody_are_for_editors(client, sign_in):
    submitted(author=a_user("dora"))
    sign_in("bob")
    page = told(client.get(reverse("admin:review_numbers")))
    assert ">bob<" in page
    assert ">dora<" not in page
    sign_in("erin", Role.EDITOR)
    assert ">dora<" in told(client.get(reverse("admin:review_numbers")))


def test_any_two_versions_are_compared(client, sign_in):
    sign_in("bob")
    revision = a_revision(edge="benefit")
    address = reverse("admin:review_compare", args=[revision.accession])

    page = told(client.get(address))
    assert "<del>harm</del>" in page
    assert "<ins>benefit</ins>" in page
    turned = told(client.get(address, {"earlier": 2, "later": 1}))
    assert "<del>benefit</del>" in turned
    assert "This is one version" in told(client.get(address, {"earlier": 1, "later": 1}))


def test_the_form_of_a_claim_leads_to_its_screen(client, sign_in):
    sign_in("alice")
    claim = fresh(a_claim(state="draft", author=a_user("alice")))

    assert screen(claim) in told(client.get(reverse("admin:claims_claim_change", args=[claim.pk])))


# --- in bulk ---------------------------------------------------------------------------------------------------------


SEEN = re.compile(r'name="seen" value="([0-9]+:[0-9a-f]{64})"')


def bulk(client, action, claims, **fields):
    """Choose, and with `decide` go on from what the confirmation shows."""
    chosen = {"action": action, "_selected_action": [claim.pk for claim in claims]}
    listed = reverse("admin:claims_claim_changelist")
    seen = SEEN.findall(told(client.post(listed, chosen))) if "decide" in fields else []
    return client.post(listed, {**chosen, "seen": seen, **fields})


def test_a_reason_is_asked_for_and_then_each_is_decided_by_itself(client, sign_in):
    bob = sign_in("bob")
    good, own, draft = submitted(), submitted(author=bob), a_claim(state="draft", author=a_user("alice"))
    chosen = [good, own, fresh(draft)]

    page = told(bulk(client, "reject_selected", chosen))
    assert "One reason for all" in page
    assert "Write why" in told(bulk(client, "reject_selected", chosen, decide="1", reason=" "))
    assert not Decision.objects.exists()

    page = told(bulk(client, "reject_selected", chosen, decide="1", reason="No vesicles were shown."))
    assert "<strong>1</strong> of 3 done" in page
    assert f"{own} is yours" in page
    assert f"{draft} is draft: only what is submitted can be rejected" in page
    assert Decision.objects.get().reason == "No vesicles were shown."


def test_in_bulk_claims_are_accepted_and_changes_requested(client, sign_in):
    sign_in("bob")
    one, two, three = submitted(), submitted(), submitted()

    assert "<strong>2</strong> of 2 done" in told(bulk(client, "accept_selected", [one, two], decide="1"))
    page = told(bulk(client, "request_changes_selected", [three], decide="1", reason="Give the group sizes."))
    assert "<strong>1</strong> of 1 done" in page
    assert Claim.objects.accepted().count() == 2


def test_in_bulk_nobody_accepts_words_that_changed_since_the_confirmation(client, sign_in):
    sign_in("bob")
    one, two = submitted(), submitted()
    seen = SEEN.findall(told(bulk(client, "accept_selected", [one, two])))
    workflow.take_back(claim_id=one.pk, by=one.author)
    Claim.objects.filter(pk=one.pk).update(statement="Synthetic vesicles did something else.")
    workflow.submit(claim_id=one.pk, by=one.author)

    page = told(bulk(client, "accept_selected", [one, two], decide="1", seen=seen))

    assert "<strong>1</strong> of 2 done" in page
    assert "read it again" in page
    assert Claim.objects.accepted().get() == two
    assert "<strong>0</strong> of 1 done" in told(bulk(client, "accept_selected", [one], decide="1", seen=[]))


def test_a_reason_that_is_missing_does_not_make_newer_words_read(client, sign_in):
    sign_in("bob")
    claim = submitted()
    seen = SEEN.findall(told(bulk(client, "reject_selected", [claim])))
    workflow.take_back(claim_id=claim.pk, by=claim.author)
    Claim.objects.filter(pk=claim.pk).update(statement="Synthetic vesicles did something else.")
    workflow.submit(claim_id=claim.pk, by=claim.author)

    assert SEEN.findall(told(bulk(client, "reject_selected", [claim], decide="1", reason="", seen=seen))) == seen


def test_the_confirmation_of_many_asks_as_often_as_that_of_few(client, sign_in):
    sign_in("bob")
    counts = []
    for claims in ([submitted()], [submitted(targets=("PTEN",)) for _ in range(6)]):
        with CaptureQueriesContext(connection) as asked:
            bulk(client, "accept_selected", claims)
        counts.append(len(asked))

    assert counts[0] == counts[1]


def test_without_a_statement_each_says_what_is_needed(client, sign_in):
    sign_in("bob", stated=False)

    assert "state your interests" in told(bulk(client, "accept_selected", [submitted()], decide="1"))
    assert not Decision.objects.exists()


def test_contributors_have_no_bulk_decisions_and_nobody_deletes_in_bulk(client, sign_in):
    sign_in("bob")
    claim = submitted()
    page = told(client.get(reverse("admin:claims_claim_changelist")))
    assert "accept_selected" in page
    assert "delete_selected" not in page
    sign_in("cy", Role.CONTRIBUTOR)
    assert "accept_selected" not in told(client.get(reverse("admin:claims_claim_changelist")))
    bulk(client, "accept_selected", [claim], decide="1")
    assert Claim.objects.get().state == "submitted"


# --- whose drafts are read -------------------------------------------------------------------------------------------


def pages_of(claim):
    study = claim.preparation.study.accession
    return [
        screen(claim),
        reverse("admin:review_claim", args=[claim.accession]),
        reverse("admin:review_compare", args=[claim.accession]),
        reverse("admin:claims_claim_change", args=[claim.pk]),
        reverse("admin:claims_claim_history", args=[claim.pk]),
        reverse("admin:claims_claim_changelist"),
        reverse("admin:claims_csv"),
        reverse("admin:entry-study", args=[study]),
        f"{reverse('admin:entry-claim-add', args=[study])}?like={claim.pk}",
        reverse("admin:entry-submit", args=[study, claim.accession, claim.version]),
    ]


def shows(client, address, words):
    answer = client.get(address, follow=True)
    whole = b"".join(answer.streaming_content) if answer.streaming else answer.content
    return words in whole.decode()


@pytest.mark.parametrize("role", [Role.CONTRIBUTOR, Role.CURATOR])
def test_the_draft_of_another_is_read_by_curators_and_not_by_contributors(client, sign_in, role):
    claim = fresh(a_claim(state="draft", author=a_user("zoe"), statement="Synthetic secret of zoe."))
    for record in (claim.preparation, claim.preparation.study):
        record.refresh_from_db()
    sign_in("cy", role)

    shown = [address for address in pages_of(claim) if shows(client, address, "Synthetic secret of zoe")]

    assert shown == (pages_of(claim) if role == Role.CURATOR else [])
    workflow.submit(claim_id=claim.pk, by=claim.author)
    assert shows(client, screen(claim), "Synthetic secret of zoe"), "what is submitted is everybody's at the desk"


def test_a_contributor_compares_what_was_public_and_not_the_revision_that_another_writes(client, sign_in):
    public = fresh(a_claim(author=a_user("zoe")))
    draft = workflow.revise(accession=public.accession, by=a_user("zoe"), reason="Figure 3 says more.")
    sign_in("cy", Role.CONTRIBUTOR)
    address = reverse("admin:review_compare", args=[public.accession])

    assert "This is one version" in told(client.get(address, {"later": draft.version}))
    assert client.get(screen(draft)).status_code == 404
    assert client.get(reverse("admin:review_claim", args=[public.accession])).url == screen(public)


def test_the_dashboard_and_a_tab_tell_what_was_decided_against(client, sign_in):
    alice = sign_in("alice", Role.CONTRIBUTOR)
    claim, bob = submitted(author=alice), a_user("bob")
    an_interest(bob)
    workflow.reject(claim_id=claim.pk, by=bob, reason="No vesicles were shown.")

    first = told(client.get(reverse("admin:index")))
    listed = told(client.get(reverse("admin:review_mine"), {"which": "decided"}))

    assert "Decided against" in first
    assert "No vesicles were shown." in first
    assert screen(claim) in first
    assert "Rejected." in listed
    assert "No vesicles were shown." in listed
    assert screen(claim) in listed


def test_a_draft_that_was_sent_back_is_given_up_and_not_discarded(client, sign_in):
    alice = sign_in("alice", Role.CONTRIBUTOR)
    claim, bob = submitted(author=alice), a_user("bob")
    an_interest(bob)
    workflow.request_changes(claim_id=claim.pk, by=bob, reason="Give the group sizes.")
    claim.preparation.study.refresh_from_db()
    where = [claim.preparation.study.accession, claim.accession, 1]

    page = told(client.get(reverse("admin:entry-study", args=where[:1])))
    assert reverse("admin:entry-discard-draft", args=where) not in page
    assert reverse("admin:entry-give_up", args=where) in page
    refused = client.post(reverse("admin:entry-discard-draft", args=where))
    assert refused.status_code == 409
    assert "give it up instead" in told(refused)

    client.post(reverse("admin:entry-give_up", args=where), {"reason": "The figure does not show it."})
    claim.refresh_from_db()
    assert (claim.state, claim.state_reason) == ("rejected", "The figure does not show it.")
    assert "given up" in told(client.get(screen(claim)))
