"""Tokens: what they are made of, what ends them, and what the database never lets them become."""

from datetime import timedelta

import pytest
from django.utils import timezone

from apps.people import second_factor, tokens
from apps.people.models import ApiToken, Role, Scope
from tests.makers import SECRET, a_user
from tests.records.refusals import met, refused, run

pytestmark = pytest.mark.django_db


def a_token(person=None, **options):
    person = person or a_user("alice")
    return tokens.make(person=person, **{"name": "synthetic notebook", "scopes": ["read"], "days": 7, **options})


def test_a_token_is_known_again_and_kept_nowhere():
    secret, token = a_token()

    assert tokens.known(secret) == token
    assert tokens.LOOKS_LIKE.fullmatch(secret)
    assert secret.startswith(token.begins)
    for table in ("people_apitoken", "people_apitokenevent"):
        assert secret[10:] not in str(run(f"SELECT t::text FROM {table} t")), table


@pytest.mark.parametrize("change", [lambda s: s[:-1], lambda s: s + "0", lambda s: s.swapcase(), lambda _: ""])
def test_what_is_mistyped_is_no_token_and_asks_the_database_nothing(change, django_assert_num_queries):
    secret, _ = a_token()

    with django_assert_num_queries(0):
        assert tokens.known(change(secret)) is None


def test_a_well_formed_token_that_nobody_made_is_unknown():
    assert tokens.known(tokens._secret()) is None


@pytest.mark.parametrize("role", list(Role))
def test_a_token_is_made_for_what_its_person_may(role):
    person = a_user("alice", role=role)
    theirs = tokens.scopes_for(person)

    assert a_token(person, scopes=theirs)[1].scopes == theirs
    assert (Scope.DECIDE in theirs) == person.at_least(Role.CURATOR)
    assert (Scope.DRAFT in theirs) == person.at_least(Role.CONTRIBUTOR)
    for beyond in set(Scope) - set(theirs):
        with pytest.raises(tokens.NotAllowed, match="Choose at least one of"):
            a_token(person, scopes=[beyond])


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"name": "  "}, "Give it a name"),
        ({"scopes": []}, "Choose at least one of"),
        ({"scopes": ["everything"]}, "Choose at least one of"),
        ({"days": 366}, "lives for"),
    ],
)
def test_a_token_that_can_not_be_is_not_made(options, said):
    with pytest.raises(tokens.NotAllowed, match=said):
        a_token(**options)
    assert not ApiToken.objects.exists()


def test_a_person_has_no_more_than_they_can_look_through(monkeypatch):
    monkeypatch.setattr(tokens, "MOST_A_PERSON", 2)
    (_, first), _ = a_token(), a_token()
    with pytest.raises(tokens.NotAllowed, match="revoke one first"):
        a_token()

    tokens.revoke(token_id=first.pk, person=first.person)

    a_token()


def test_a_token_is_revoked_by_its_person_alone():
    _, token = a_token()
    with pytest.raises(ApiToken.DoesNotExist):
        tokens.revoke(token_id=token.pk, person=a_user("bob"))

    gone = tokens.revoke(token_id=token.pk, person=token.person)

    assert "its person revoked it" in tokens.dead_because(gone, timezone.now())
    event = gone.events.order_by("pgh_id").last()
    assert (event.pgh_label, event.pgh_context["user"]) == ("update", token.person_id)


def test_a_token_expires():
    _, token = a_token()

    assert tokens.dead_because(token, timezone.now()) == ""
    assert "expired" in tokens.dead_because(token, timezone.now() + timedelta(days=8))


def test_a_new_password_ends_all_tokens():
    alice, bob = a_user("alice"), a_user("bob")
    token, other = a_token(alice)[1], a_token(bob)[1]

    alice.set_password("another correct horse")
    alice.save()

    token.refresh_from_db()
    assert token.revoked_because == "the password was changed"
    other.refresh_from_db()
    assert other.revoked_at is None
    met("user_tokens_end")


def test_tokens_of_a_closed_account_stay_dead_when_it_opens_again():
    alice = a_user("alice")
    _, token = a_token(alice)
    for active in (False, True):
        alice.is_active = active
        alice.save()

    token.refresh_from_db()
    assert token.revoked_because == "the account was closed"


def test_what_else_changes_of_a_person_ends_nothing():
    alice = a_user("alice")
    _, token = a_token(alice)

    alice.public_name = "Alice A"
    alice.save()

    token.refresh_from_db()
    assert token.revoked_at is None


def test_the_desk_is_shut_to_a_token_made_without_the_second_factor():
    from allauth.mfa.totp.internal.auth import TOTP

    curator, contributor = a_user("alice"), a_user("carol", role=Role.CONTRIBUTOR)
    without, free = a_token(curator)[1], a_token(contributor)[1]
    assert tokens.lacks_factor(without)
    assert not tokens.lacks_factor(free)

    TOTP.activate(curator, SECRET), TOTP.activate(contributor, SECRET)

    made_with = a_token(curator)[1]
    assert not tokens.lacks_factor(made_with)
    assert tokens.lacks_factor(without)
    assert tokens.lacks_factor(free)
    second_factor.reset(username="alice", reason="lost device", by=a_user("root", role=Role.ADMINISTRATOR))
    TOTP.activate(curator, SECRET)
    assert tokens.lacks_factor(made_with)


def test_a_use_is_noted_once_a_minute(django_assert_num_queries):
    _, token = a_token()
    now = timezone.now()

    tokens.note_use(token, now)

    token.refresh_from_db()
    assert token.last_used_at == now
    with django_assert_num_queries(0):
        tokens.note_use(token, now + timedelta(seconds=59))
    tokens.note_use(token, now + timedelta(seconds=60))
    token.refresh_from_db()
    assert token.last_used_at == now + timedelta(seconds=60)
    assert token.events.count() == 1


@pytest.mark.parametrize(
    ("rule", "change"),
    [
        ("token_not_changed", "name = 'another'"),
        ("token_not_changed", "scopes = '{read,decide}'"),
        ("token_not_changed", "expires_at = expires_at + interval '1 day'"),
        ("token_not_changed", "digest = repeat('a', 64)"),
        ("token_not_changed", "factor_since = now()"),
        ("token_revoked_with_reason", "revoked_at = now()"),
        ("token_revoked_with_reason", "revoked_because = 'why'"),
    ],
)
def test_a_token_stays_what_it_was_made_as(rule, change):
    refused(rule, f"UPDATE people_apitoken SET {change} WHERE id = %s", [a_token()[1].pk])


def test_a_revoked_token_stays_revoked():
    _, token = a_token()
    tokens.revoke(token_id=token.pk, person=token.person)

    refused("token_stays_revoked", "UPDATE people_apitoken SET revoked_at = NULL, revoked_because = ''")
    refused("token_stays_revoked", "UPDATE people_apitoken SET revoked_at = now()")


INSERT = """INSERT INTO people_apitoken (person_id, name, digest, begins, scopes, expires_at, revoked_because)
    VALUES (%s, {name}, {digest}, 'exodb_1234', {scopes}, now() + interval {life}, '')"""
FINE = {"name": "'n'", "digest": "repeat('a', 64)", "scopes": "'{read}'", "life": "'7 days'"}


@pytest.mark.parametrize(
    ("rule", "wrong"),
    [
        ("token_has_name", {"name": "'  '"}),
        ("token_is_digested", {"digest": "'exodb_plain'"}),
        ("token_scopes_known", {"scopes": "'{read,own}'"}),
        ("token_scopes_known", {"scopes": "'{}'"}),
        ("token_ends_within_a_year", {"life": "'367 days'"}),
        ("token_ends_within_a_year", {"life": "'-1 days'"}),
    ],
)
def test_what_a_token_can_not_be_is_refused(rule, wrong):
    alice = a_user("alice")
    refused(rule, INSERT.format(**FINE | wrong), [alice.pk])

    run(INSERT.format(**FINE), [alice.pk])


def test_a_digest_is_of_one_token():
    alice = a_user("alice")
    run(INSERT.format(**FINE), [alice.pk])

    refused(r"people_apitoken_digest_\w*(key|uniq)", INSERT.format(**FINE), [alice.pk])
