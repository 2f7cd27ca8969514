import re
from smtplib import SMTPServerDisconnected

import pytest
from django.core import mail

from apps.people.models import User
from tests.accounts.entering import PASSWORD, a_person, signed_in_as, types_password
from tests.makers import a_user, signed_in

pytestmark = pytest.mark.django_db
PAGES = [
    "/account/",
    "/account/password/",
    "/account/sessions/",
    "/account/second-factor/recovery-codes/new/",
    "/account/second-factor/remove/",
    "/account/logout/",
]
ENTRANCE = ["/account/login/", "/account/password/reset/", "/account/password/reset/sent/", "/account/inactive/"]


@pytest.fixture
def alice(client):
    alice = a_user("alice", email="alice@example.org")
    signed_in(client, alice)
    return alice


def saying(client, **changed):
    said = {"first_name": "Alice", "last_name": "A", "public_name": "Alice A", "orcid": "0000-0002-1825-0097"}
    return client.post("/account/", said | changed)


def test_a_person_says_who_they_are(client, alice):
    assert saying(client)["Location"] == "/account/"

    alice.refresh_from_db()
    assert (alice.public_name, alice.orcid) == ("Alice A", "0000-0002-1825-0097")
    event = alice.events.order_by("pgh_id").last()
    assert (event.pgh_label, event.pgh_context["user"]) == ("update", alice.pk)


def test_an_orcid_can_be_left_out(client, alice):
    saying(client, orcid="")

    alice.refresh_from_db()
    assert alice.orcid is None


@pytest.mark.parametrize(
    ("orcid", "said"),
    [
        ("0000-0002-1825-0098", "one of them is mistyped"),
        ("0000-0002-1825-009X", "one of them is mistyped"),
        ("0000-0002-8125-0097", "one of them is mistyped"),
        ("0000000218250097", "An ORCID looks like"),
        ("<script>", "An ORCID looks like"),
    ],
)
def test_a_mistyped_orcid_is_told(client, alice, orcid, said):
    answer = saying(client, orcid=orcid)

    assert said in answer.content.decode()
    assert "<script>" not in answer.content.decode()
    alice.refresh_from_db()
    assert alice.orcid is None


@pytest.mark.parametrize("orcid", ["0000-0002-1694-233X", "0000-0001-5109-3700", "0000-0002-1825-0097"])
def test_true_orcids_are_taken(client, alice, orcid):
    assert saying(client, orcid=orcid).status_code == 302


def test_the_orcid_of_another_is_refused(client, alice):
    a_user("bob", orcid="0000-0002-1825-0097")

    assert "already exists" in saying(client).content.decode()


def test_nobody_raises_their_own_role(client, alice):
    saying(client, role="administrator", is_superuser="on", username="root", email="x@example.org")

    alice.refresh_from_db()
    assert (alice.role, alice.is_superuser, alice.username) == ("curator", False, "alice")


@pytest.mark.parametrize("page", PAGES + ENTRANCE)
def test_pages_of_an_account_are_in_no_cache_and_need_nothing_inline(client, page):
    if page in PAGES:
        signed_in(client, a_person())

    answer = client.get(page)

    assert answer.status_code == 200
    assert "no-store" in answer["Cache-Control"]
    assert "unsafe" not in answer["Content-Security-Policy"]
    body = answer.content.decode()
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?! type=.module. src=./static/)", body)
    assert body.count("<h1") == 1
    assert "noindex" in body


@pytest.mark.parametrize("page", PAGES)
def test_pages_of_an_account_are_for_who_is_signed_in(client, page):
    answer = client.get(page)

    assert answer.status_code == 302
    assert answer["Location"] == "/" if page == "/account/logout/" else answer["Location"].startswith("/account/login/")


# --- a forgotten password --------------------------------------------------------------------------------------------


@pytest.fixture
def with_mail(settings):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}


def test_without_mail_the_page_says_whom_to_ask(client, settings):
    settings.MAILERS, settings.ACCOUNTS_CONTACT = {}, "the vesicle group, room 12"

    page = client.get("/account/password/reset/").content.decode()

    assert "This ExoDB sends no mail" in page
    assert "the vesicle group, room 12" in page


def test_a_link_by_mail_sets_a_new_password_and_leaves_the_second_factor(client, with_mail):
    a_person(app=True, email="alice@example.org")

    client.post("/account/password/reset/", {"email": "alice@example.org"})

    (sent,) = mail.outbox
    assert sent.to == ["alice@example.org"]
    link = re.search(r"http://testserver(\S+)", sent.body).group(1)
    form = client.get(link, follow=True).redirect_chain[-1][0]
    done = client.post(form, {"password1": "another horse battery", "password2": "another horse battery"})
    assert done["Location"] == "/account/password/reset/done/"
    assert signed_in_as(client) is None
    assert types_password(client, password="another horse battery")["Location"] == "/account/code/"
    assert "used already, or is too old" in client.get(link, follow=True).content.decode()


def test_nobody_learns_whether_an_address_has_an_account(client, with_mail):
    a_person(email="alice@example.org")

    known = client.post("/account/password/reset/", {"email": "alice@example.org"}, follow=True)
    unknown = client.post("/account/password/reset/", {"email": "nobody@example.org"}, follow=True)

    assert known.content == unknown.content
    assert len(mail.outbox) == 1


def test_a_mail_server_that_is_away_is_no_error_of_the_page(client, with_mail, monkeypatch):
    a_person(email="alice@example.org")

    def away(*_args, **_kwargs):
        raise SMTPServerDisconnected

    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", away)

    answer = client.post("/account/password/reset/", {"email": "alice@example.org"})

    assert answer["Location"] == "/account/password/reset/sent/"


def test_an_account_without_password_can_not_be_entered(client):
    assert not User.objects.get(username="import").has_usable_password()

    types_password(client, "import", PASSWORD)

    assert signed_in_as(client) is None
