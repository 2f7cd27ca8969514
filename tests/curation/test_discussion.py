"""What people say about a claim: who finds it unread, whom it names, and that it never is markup."""

import threading

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.claims import workflow
from apps.claims.acts import NotAllowed
from apps.curation.discussion import comment, read, unread
from apps.curation.models import Comment, Mention, Reading
from apps.desk.templatetags.discussion import linked
from apps.people.models import Role
from tests.makers import a_claim, a_user, an_interest

pytestmark = pytest.mark.django_db


@pytest.fixture
def claim():
    made = a_claim(state="submitted", author=a_user("alice"))
    made.refresh_from_db()
    return made


def waiting(person):
    return [(reading.claim_id, reading.fresh, reading.named) for reading in unread(person)]


def test_who_wrote_the_claim_finds_a_comment_unread_until_they_read_it(claim):
    alice, bob = claim.author, a_user("bob")
    comment(accession=claim.accession, by=bob, text="Which figure?")
    comment(accession=claim.accession, by=bob, text="Figure 2?")

    assert waiting(alice) == [(claim.accession, 2, False)]
    assert waiting(bob) == [], "nobody is told what they said themselves"

    read(accession=claim.accession, by=alice)
    assert waiting(alice) == []
    comment(accession=claim.accession, by=bob, text="Or 3?")
    assert waiting(alice) == [(claim.accession, 1, False)]
    assert Reading.objects.filter(person=alice).count() == 1


def test_who_is_named_or_decided_or_commented_is_concerned_and_nobody_else(claim):
    bob, carol, dora = a_user("bob"), a_user("carol"), a_user("dora")
    an_interest(bob)
    workflow.request_changes(claim_id=claim.pk, by=bob, reason="why")
    comment(accession=claim.accession, by=claim.author, text="Better so, @carol?")

    assert waiting(carol) == [(claim.accession, 1, True)]
    assert waiting(bob) == [(claim.accession, 1, False)]
    assert waiting(dora) == []
    read(accession=claim.accession, by=dora)
    assert not Reading.objects.filter(person=dora).exists(), "to look at a claim does not make it one's concern"


def test_a_name_that_nobody_has_is_refused_with_the_nearest(claim):
    a_user("bobby")

    with pytest.raises(NotAllowed, match=r"Nobody here is called @boby. Did you mean @bobby\?"):
        comment(accession=claim.accession, by=claim.author, text="Ask @boby.")

    assert not Comment.objects.exists()


def test_readers_are_not_named_and_do_not_comment(claim):
    rita = a_user("rita", role=Role.READER)

    with pytest.raises(NotAllowed, match="@rita"):
        comment(accession=claim.accession, by=claim.author, text="@rita")
    with pytest.raises(NotAllowed, match="role of contributor"):
        comment(accession=claim.accession, by=rita, text="hello")


def test_a_mail_address_names_nobody_and_the_stop_of_a_sentence_is_no_part_of_a_name(claim):
    a_user("bob")
    comment(accession=claim.accession, by=claim.author, text="Mail to x@example.org, or ask @bob.")

    assert [mention.person.username for mention in Mention.objects.all()] == ["bob"]


@pytest.mark.parametrize(
    ("text", "said"),
    [("  \n ", "Write something"), ("x" * 4001, "at most 4,000 characters"), ("a\0b", "null character")],
)
def test_a_comment_that_can_not_be_is_refused_in_words(claim, text, said):
    with pytest.raises(NotAllowed, match=said):
        comment(accession=claim.accession, by=claim.author, text=text)
    assert not Comment.objects.exists()


def test_a_comment_is_text_and_its_links_are_of_the_web_only():
    shown = linked(
        'See https://example.org/a_(b)?x=1&y="><script>alert(1)</script> javascript:alert(1) <b>x</b> EXCL0000001 @bob.'
    )

    assert "<script>" not in shown
    assert "<b>" not in shown
    assert 'href="javascript' not in shown
    assert 'rel="nofollow noopener"' in shown
    assert shown.count("<a ") == 2
    assert '<a href="/admin/review/EXCL0000001/">' in shown
    assert '<strong class="mention">@bob</strong>.' in shown


def test_the_end_of_a_sentence_is_no_part_of_an_address():
    assert 'href="https://example.org/x"' in linked("(https://example.org/x).")


def test_unread_costs_one_query_for_any_number(claim):
    counts = []
    for number in (1, 10):
        for _ in range(number):
            other = a_claim(state="submitted", author=claim.author)
            other.refresh_from_db()
            comment(accession=other.accession, by=a_user("bob"), text="Synthetic.")
        with CaptureQueriesContext(connection) as queries:
            assert waiting(claim.author)
        counts.append(len(queries))

    assert counts == [1, 1]


@pytest.mark.django_db(transaction=True)
def test_two_comments_at_once_are_both_found_unread():
    claim = a_claim(state="submitted", author=a_user("alice"))
    claim.refresh_from_db()
    ready = threading.Barrier(2)

    def saying(by):
        try:
            ready.wait(10)
            comment(accession=claim.accession, by=by, text="Synthetic.")
        finally:
            connection.close()

    threads = [threading.Thread(target=saying, args=(a_user(name),)) for name in ("bob", "carol")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert waiting(a_user("alice")) == [(claim.accession, 2, False)]


def test_the_comments_on_a_draft_that_was_discarded_wait_for_nobody():
    alice, bob = a_user("alice"), a_user("bob")
    draft = a_claim(state="draft", author=alice)
    draft.refresh_from_db()
    comment(accession=draft.accession, by=alice, text="What do you think, @bob?")
    assert waiting(bob) == [(draft.accession, 1, True)]

    workflow.discard(claim_id=draft.pk, by=alice)

    assert waiting(bob) == []
    with pytest.raises(NotAllowed, match="no version that you can read"):
        comment(accession=draft.accession, by=bob, text="It is gone.")


def test_a_contributor_hears_of_the_draft_of_another_when_it_is_handed_in():
    alice, cy = a_user("alice"), a_user("cy", role=Role.CONTRIBUTOR)
    draft = a_claim(state="draft", author=alice)
    draft.refresh_from_db()
    comment(accession=draft.accession, by=alice, text="What do you think, @cy?")

    assert waiting(cy) == []
    with pytest.raises(NotAllowed, match="no version that you can read"):
        comment(accession=draft.accession, by=cy, text="Let me see.")
    workflow.submit(claim_id=draft.pk, by=alice)
    assert waiting(cy) == [(draft.accession, 1, True)]
