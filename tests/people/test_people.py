import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse

from apps.people.models import Role, User
from apps.people.permissions import least_role
from tests.makers import a_user, signed_in

pytestmark = pytest.mark.django_db

TABLE = [
    ("claims.view_claim", Role.CONTRIBUTOR),
    ("claims.add_claim", Role.CONTRIBUTOR),
    ("vesicles.change_preparation", Role.CONTRIBUTOR),
    ("studies.delete_study", Role.ADMINISTRATOR),
    ("studies.add_study", Role.CONTRIBUTOR),
    ("studies.add_notice", Role.CURATOR),
    ("studies.change_notice", Role.EDITOR),
    ("claims.delete_claim", Role.CONTRIBUTOR),
    ("claims.add_release", Role.ADMINISTRATOR),
    ("claims.change_release", Role.ADMINISTRATOR),
    ("vesicles.delete_cargoxref", Role.CONTRIBUTOR),
    ("vesicles.delete_cargo", Role.ADMINISTRATOR),
    ("terms.add_name", Role.CONTRIBUTOR),
    ("terms.change_name", Role.EDITOR),
    ("terms.change_term", Role.EDITOR),
    ("admin.view_logentry", Role.ADMINISTRATOR),
    ("citations.change_feed", Role.EDITOR),
    ("people.view_user", Role.ADMINISTRATOR),
    ("people.change_user", Role.ADMINISTRATOR),
    ("records.change_accession", Role.ADMINISTRATOR),
]


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize(("permission", "least"), TABLE)
def test_a_role_may_what_the_table_says(permission, least, role):
    person = a_user(f"a {role}", role=role)

    assert person.has_perm(permission) == person.at_least(least)


def test_who_is_not_active_may_nothing():
    gone = a_user("charlie", role=Role.ADMINISTRATOR, is_active=False)

    assert not gone.has_perm("claims.view_claim")


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("update_fields", [None, ["role"]])
def test_who_may_enter_the_desk_follows_from_the_role_alone(role, update_fields):
    alice = a_user("alice", role=Role.ADMINISTRATOR if role != Role.ADMINISTRATOR else Role.READER)

    alice.role, alice.is_superuser, alice.is_staff = role, True, True
    alice.save(update_fields=update_fields)

    alice.refresh_from_db()
    assert (alice.is_superuser, alice.is_staff) == (role == Role.ADMINISTRATOR, role != Role.READER)


def test_what_django_makes_a_superuser_is_an_administrator():
    assert User.objects.create_superuser("root").role == Role.ADMINISTRATOR


@pytest.mark.parametrize(
    ("change", "answers"),
    [
        ({"role": Role.EDITOR}, {"admin:people_user_changelist": 403, "admin:index": 200}),
        ({"role": Role.READER}, {"admin:people_user_changelist": 302, "admin:index": 302}),
        ({"is_active": False}, {"admin:people_user_changelist": 302, "admin:index": 302}),
    ],
    ids=["demoted", "made a reader", "deactivated"],
)
def test_an_administrator_who_loses_the_role_loses_all_at_once_in_the_session_at_hand(client, change, answers):
    gone = a_user("charlie", role=Role.ADMINISTRATOR)
    signed_in(client, gone)
    assert client.get(reverse("admin:people_user_changelist")).status_code == 200

    for name, value in change.items():
        setattr(gone, name, value)
    gone.save()

    assert {page: client.get(reverse(page)).status_code for page in answers} == answers
    assert not User.objects.get(pk=gone.pk).has_perm("people.change_user")


def test_an_unknown_app_is_the_administrators():
    assert least_role("anything", "change") == Role.ADMINISTRATOR


def test_a_curator_is_made_with_a_password_that_works(monkeypatch, capsys):
    monkeypatch.setenv("EXODB_PASSWORD", "correct horse battery")

    call_command("create_curator", "alice", name="Alice A", orcid="0000-0002-1825-0097")

    alice = User.objects.get(username="alice")
    assert alice.check_password("correct horse battery")
    assert (alice.role, alice.is_staff, alice.is_superuser) == (Role.CURATOR, True, False)
    assert "correct horse" not in capsys.readouterr().out


@pytest.mark.parametrize(("role", "told"), [("curator", True), ("editor", True), ("contributor", False)])
def test_who_makes_a_curator_is_told_what_comes_next(monkeypatch, capsys, role, told):
    monkeypatch.setenv("EXODB_PASSWORD", "correct horse battery")

    call_command("create_curator", "alice", role=role)

    assert ("The first sign-in sets up a second factor" in capsys.readouterr().out) == told


@pytest.mark.parametrize(
    ("options", "password", "words"),
    [
        ({}, "short", "password: This password is too short"),
        ({"orcid": "12"}, "correct horse battery", "orcid: An ORCID looks like"),
        ({"email": "nobody"}, "correct horse battery", "email: Enter a valid email"),
    ],
)
def test_a_curator_that_can_not_be_made_is_told_why(monkeypatch, options, password, words):
    monkeypatch.setenv("EXODB_PASSWORD", password)

    with pytest.raises(CommandError, match=words):
        call_command("create_curator", "alice", **options)

    assert not User.objects.filter(username="alice").exists()


def test_the_account_of_imports_has_no_password():
    assert not User.objects.get(username="import").has_usable_password()
