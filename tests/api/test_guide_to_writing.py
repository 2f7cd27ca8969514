"""The examples of the chapter on writing do what they say, on a real server."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

from apps.claims.models import Claim
from apps.curation.models import Comment
from apps.people.models import Role
from tests.api.writing import a_token
from tests.makers import a_user

pytestmark = pytest.mark.django_db(transaction=True)
GUIDE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
CHAPTER = GUIDE.partition("\n## Writing\n")[2].partition("\n## ")[0]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", CHAPTER, re.DOTALL)


@pytest.fixture
def surroundings(live_server, tmp_path):
    """What the examples find: a folder with the document, the address, and a token."""
    (document,) = blocks("json")
    (tmp_path / "document.json").write_text(document)
    carol = a_user("carol", role=Role.CONTRIBUTOR)
    found = {"PATH": os.environ["PATH"], "A": f"{live_server.url}/api/v1", "TOKEN": a_token(carol)}
    return {"cwd": tmp_path, "env": found, "capture_output": True, "text": True, "timeout": 60}


def test_the_notebook_does_what_it_prints(surroundings):
    (example,), said = blocks("python"), blocks("text")

    done = subprocess.run([sys.executable, "-c", example], check=True, **surroundings)

    assert done.stdout == said[-1], done.stderr
    claim = Claim.objects.get()
    assert (claim.state, claim.locator, claim.author.username) == ("submitted", "figure 2", "carol")
    assert Comment.objects.get().text == "Figure 2, lower half."


@pytest.mark.skipif(not shutil.which("curl"), reason="there is no curl here")
def test_the_command_line_does_what_it_shows(surroundings):
    (example,) = blocks("sh")

    done = subprocess.run(["bash", "-c", example], check=True, **surroundings)

    # Accessions are given as they come, and addresses and tags are left out.
    shown = blocks("text")[0].strip().partition('"url":')[0].replace("EXCL1000001", Claim.objects.get().accession)
    assert done.stdout.startswith(shown)
    assert Claim.objects.get().author.username == "carol"
