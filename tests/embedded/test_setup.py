"""`script/_setup` finds a Python that really runs, or says in one line what to install."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.embedded.running import ROOT, clean_environment

TOOLS = ("sh", "cat", "cksum", "uname", "rm", "dirname", "readlink", "mv")


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A machine with a shell's own tools and no Python at all, at home in a path with spaces."""
    programs = tmp_path / "home of bob" / "bin"
    programs.mkdir(parents=True)
    for tool in TOOLS:
        (programs / tool).symlink_to(str(shutil.which(tool)))
    return programs


def pretend(path: Path, script: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)


def ask(programs: Path, line: str) -> subprocess.CompletedProcess[str]:
    """Run one line of shell after sourcing `_setup`, for a checkout that is an empty folder."""
    root = programs.parent / "check out"
    root.mkdir(exist_ok=True)
    return subprocess.run(
        ["/bin/sh", "-euc", f'root=$1; . "$2/script/_setup"; {line}', "sh", str(root), str(ROOT)],
        env={"PATH": str(programs), "HOME": str(programs.parent)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


REAL = f'exec "{sys.executable}" "$@"'
OLD = "exit 1  # what an older Python answers to the question for 3.12"
BROKEN_SHIM = "echo 'pyenv: python3.13: command not found' >&2; exit 127"


def test_without_a_new_python_one_line_says_what_to_install(bare: Path) -> None:
    pretend(bare / "python3", OLD)
    pretend(bare / "python3.13", BROKEN_SHIM)
    asked = ask(bare, "set_up run")

    assert asked.returncode == 1
    assert len(asked.stderr.splitlines()) == 1
    assert "Python 3.12 or newer" in asked.stderr
    assert asked.stdout == ""


def test_a_newer_python_beside_an_old_one_is_found(bare: Path) -> None:
    pretend(bare / "python3", OLD)
    pretend(bare / "python3.13", BROKEN_SHIM)
    pretend(bare / "python3.12", REAL)

    assert ask(bare, "find_python").stdout.strip() == "python3.12"


def test_a_python_of_pyenv_is_found_by_its_path(bare: Path) -> None:
    pretend(bare / "python3", OLD)
    of_pyenv = bare.parent / ".pyenv" / "versions" / "3.13.0" / "bin" / "python3"
    pretend(of_pyenv, REAL)

    assert ask(bare, "find_python").stdout.strip() == str(of_pyenv)


def test_a_python_that_only_uv_knows_is_found(bare: Path) -> None:
    elsewhere = bare.parent / "of uv" / "python3.13"
    pretend(elsewhere, REAL)
    pretend(bare / "uv", f'[ "$UV_PYTHON_DOWNLOADS" = never ] && echo "{elsewhere}"')

    assert ask(bare, "find_python").stdout.strip() == str(elsewhere)


def test_an_environment_whose_python_vanished_is_made_anew(bare: Path) -> None:
    pretend(bare / "python3", REAL)
    root = bare.parent / "check out"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to("/nonexistent/python3.12")
    asked = ask(bare, 'suits "$python" || make_venv; "$python" -c "import sys; print(sys.prefix)"')

    assert asked.stdout.strip() == str(root / ".venv")


def test_a_script_works_through_a_link_and_from_elsewhere(tmp_path: Path) -> None:
    link = tmp_path / "my manage"
    link.symlink_to(ROOT / "script" / "manage")
    if not (ROOT / ".venv" / "exodb-run").exists():
        pytest.skip("the environment was not made by script/_setup")
    done = subprocess.run(
        [str(link), "shell", "-c", "import os; print(os.getcwd(), os.environ['EXODB_DATA'])"],
        cwd=tmp_path,
        env=clean_environment(EXODB_DATA=str(tmp_path / "var of alice"), PATH=os.environ["PATH"]),
        capture_output=True,
        text=True,
        check=True,
        timeout=120,
    )

    assert f"{tmp_path} {tmp_path / 'var of alice'}" in done.stdout


def test_a_backup_is_restored_into_an_empty_database_only(tmp_path: Path) -> None:
    if not (ROOT / ".venv" / "exodb-run").exists():
        pytest.skip("the environment was not made by script/_setup")

    def script(name: str, data: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(ROOT / "script" / name), *arguments],
            cwd=tmp_path,
            env=clean_environment(EXODB_DATA=str(tmp_path / data)),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    def ask_owner(data: str, statement: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-P", "-m", "exodb.embedded", "run", "--data", str(tmp_path / data), "--"]
        return subprocess.run(
            [*command, "sh", "-c", 'psql -XAtqc "$1" "$DATABASE_OWNER_URL"', "sh", statement],
            env=clean_environment(),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )

    made = ask_owner("old folder", "CREATE TABLE kept AS SELECT 7 AS number")
    backed_up = script("backup", "old folder", "a backup")
    restored = script("restore", "new folder", "a backup")
    again = script("restore", "new folder", "a backup")
    read = ask_owner("new folder", "SELECT number FROM kept")

    assert [made.returncode, backed_up.returncode, restored.returncode, again.returncode] == [0, 0, 0, 1]
    assert "nothing changed" in again.stderr
    assert read.stdout.strip() == "7"
