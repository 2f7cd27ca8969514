"""The reference works in a browser, from this site's own files and within its content security policy."""

import pytest


def test_the_reference_has_no_script_or_style_of_its_own(client):
    answer = client.get("/api/docs/")

    assert answer.status_code == 200
    html = answer.content.decode()
    assert "<style" not in html
    assert "http://" not in html
    assert "https://" not in html
    assert html.count("<script ") == html.count(" defer></script>")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


def test_the_api_address_leads_to_the_reference(client):
    assert client.get("/api/").headers["Location"] == "/api/docs/"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_reference_shows_every_list_without_breaking_the_policy(live_server, browser_page):
    said = []
    browser_page.on("console", lambda message: said.append(message.text))

    browser_page.goto(f"{live_server.url}/api/docs/")
    browser_page.get_by_text("/api/v1/claims/", exact=False).first.wait_for()

    assert browser_page.locator(".opblock").count() >= 17
    assert not [text for text in said if "Content Security Policy" in text or "error" in text.lower()]
