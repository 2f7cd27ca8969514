"""Where an embedded ExoDB keeps its things: pure functions of the data folder."""

import hashlib
import os
import secrets
import stat
import tempfile
from pathlib import Path
from urllib.parse import quote

DATABASE = "exodb"
# As roles.sql makes them.
OWNER = "exodb_owner"
APPLICATION = "exodb_app"
LONGEST_SOCKET_DIR = 80  # the kernel allows about 104 bytes for the whole path; PostgreSQL adds 20


def data_dir(given: str | None = None) -> Path:
    """The data folder: as given, else as EXODB_DATA says, else `var` in the checkout. `exodb.settings` agrees."""
    root = Path(__file__).resolve().parent.parent.parent
    return Path(given or os.environ.get("EXODB_DATA") or root / "var").resolve()


def socket_dir(data: Path) -> Path:
    """A short folder for the unix sockets of this data folder: the kernel allows 107 bytes for the whole path."""
    name = f"exodb-{hashlib.sha256(str(data).encode()).hexdigest()[:12]}"
    folder = Path(tempfile.gettempdir()) / name
    return folder if len(str(folder)) <= LONGEST_SOCKET_DIR else Path("/tmp") / name  # noqa: S108 -- made and checked by own_socket_dir


def own_socket_dir(data: Path) -> Path:
    """Make the socket folder; refuse one that somebody else laid there or could look into."""
    folder = socket_dir(data)
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    trusted = {os.geteuid(), NOBODY} if os.geteuid() == 0 else {os.geteuid()}
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in trusted or found.st_mode & 0o077:
        raise PermissionError(f"{folder} belongs to somebody else or is open to others; remove it and start again.")
    return folder


NOBODY = 65534


def postgres_dir(data: Path) -> Path:
    return data / "postgres"


def redis_dir(data: Path) -> Path:
    return data / "redis"


def log_dir(data: Path) -> Path:
    return data / "log"


def run_dir(data: Path) -> Path:
    """Locks and notes of what runs now; may be deleted whenever nothing runs."""
    return data / "run"


def database_url(data: Path, role: str = APPLICATION) -> str:
    return f"postgres://{role}@/{DATABASE}?host={quote(str(socket_dir(data)))}"


def redis_url(data: Path) -> str:
    return f"redis+socket://{socket_dir(data)}/redis.sock"


def secret_key(data: Path) -> str:
    """The key of this data folder, made at first use and readable by its owner only."""
    path = data / "secret_key"
    try:
        return path.read_text()
    except FileNotFoundError:
        data.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50))
        return path.read_text()
