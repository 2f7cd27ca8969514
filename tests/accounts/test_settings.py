"""What the environment says about mail."""

import pytest
from environ import Env

from exodb.settings import mailer


@pytest.mark.parametrize(
    ("url", "backend", "options"),
    [
        (
            "smtp+tls://alice%40example.org:p%2Fw@mail.example.org:587",
            "smtp",
            {
                "host": "mail.example.org",
                "port": 587,
                "username": "alice@example.org",
                "password": "p/w",
                "use_tls": True,
                "timeout": 10,
            },
        ),
        (
            "smtp+ssl://mail.example.org:465",
            "smtp",
            {"host": "mail.example.org", "port": 465, "use_ssl": True, "timeout": 10},
        ),
        ("consolemail:", "console", {}),
        ("filemail:////srv/mails", "filebased", {"file_path": "/srv/mails"}),
    ],
)
def test_an_address_says_how_mail_is_sent(url, backend, options):
    assert mailer(Env.email_url_config(url)) == {
        "BACKEND": f"django.core.mail.backends.{backend}.EmailBackend",
        "OPTIONS": options,
    }
