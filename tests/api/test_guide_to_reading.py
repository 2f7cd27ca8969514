"""The ten questions of the guide, asked of a real server with the starter collection: the answers are those printed."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

GUIDE = (Path(settings.BASE_DIR) / "docs" / "api.md").read_text(encoding="utf-8")
CHAPTER = GUIDE.partition("\n## Ten questions\n")[2].partition("\n## ")[0]


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", CHAPTER, re.DOTALL)


def without_ends(text):
    return "\n".join(line.rstrip() for line in text.splitlines())


@pytest.mark.django_db(transaction=True)
def test_the_ten_questions_have_the_answers_that_are_printed(live_server):
    call_command("load_starter", verbosity=0)
    code = "".join(blocks("python"))
    surroundings = {"PATH": os.environ["PATH"], "A": f"{live_server.url}/api/v1"}

    done = subprocess.run(
        [sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, timeout=120, check=False
    )

    assert done.returncode == 0, done.stderr
    assert without_ends(done.stdout) == without_ends("".join(blocks("text")))


def test_there_are_ten():
    assert [int(number) for number in re.findall(r"^\*\*([0-9]+)\.", CHAPTER, re.MULTILINE)] == list(range(1, 11))
