"""Starts a temporary PostgreSQL for the demo and the tests: reachable from this machine only, with a password.

It uses the server that the operating system has installed. PostgreSQL refuses to run as root: for root the server runs
as `postgres`, or as `nobody` where there is no such user.
"""

import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

OWNER = "plumbline"
SETTINGS = {"listen_addresses": "127.0.0.1", "wal_level": "minimal", "max_wal_senders": "0"}


@dataclass(frozen=True)
class LocalServer:
    """A server that runs."""

    folder: Path
    port: int
    password: str

    def dsn(self, user: str = OWNER, password: str | None = None, database: str = "postgres") -> str:
        """libpq's URI for a user."""
        return f"postgresql://{user}:{self.password if password is None else password}@127.0.0.1:{self.port}/{database}"


def programs() -> Path:
    """The folder of initdb and pg_ctl, of the latest version that is installed.

    Raises:
        FileNotFoundError: where there is none of version 15 or later.
    """
    folders = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    folders = [path for path in folders if int(path.parent.name) >= 15 and (path / "initdb").exists()]
    if folders:
        return max(folders, key=lambda path: int(path.parent.name))
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    raise FileNotFoundError(
        "no PostgreSQL server is installed: apt-get install postgresql, or set PATH to its programs"
    )


def unprivileged_user() -> str | None:
    """The user that the server runs as when root starts it; None for anybody else."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise FileNotFoundError("neither a user postgres nor nobody, as whom a server could run instead of root")


@contextmanager
def local_server(settings: Sequence[str] = ()) -> Iterator[LocalServer]:
    """Start a server in a temporary folder; stop it and remove the folder at the end.

    Args:
        settings: More settings, each `name=value`.

    Raises:
        FileNotFoundError: where no server is installed.
        RuntimeError: where it does not start; the message has the last lines of its log.
    """
    user, tools = unprivileged_user(), programs()
    with tempfile.TemporaryDirectory(prefix="plumbline-postgres-", ignore_cleanup_errors=True) as made:
        folder, password = Path(made), secrets.token_urlsafe(24)
        (folder / "password").write_text(password, encoding="utf-8")
        (folder / "password").chmod(0o600)
        if user:
            shutil.chown(folder, user)
            shutil.chown(folder / "password", user)
        run(
            [tools / "initdb", "-D", folder / "data", "-U", OWNER, "--auth=scram-sha-256", "--encoding=UTF8",
             "--locale=C.UTF-8", "--no-sync", f"--pwfile={folder / 'password'}"], user,
        )  # fmt: skip
        (folder / "password").unlink()
        port = _free_port()
        given = [f"{name}={value}" for name, value in SETTINGS.items()] + list(settings)
        options = " ".join([f"-p {port} -k {folder}", *(f"-c {setting}" for setting in given)])
        ctl: list[str | Path] = [tools / "pg_ctl", "-D", folder / "data", "-w", "-t", "60"]
        try:
            run([*ctl, "-l", folder / "log", "-o", options, "start"], user)
        except subprocess.CalledProcessError:
            said = (folder / "log").read_text(encoding="utf-8").splitlines()[-5:] if (folder / "log").exists() else []
            raise RuntimeError("PostgreSQL did not start: " + " | ".join(said)) from None
        try:
            yield LocalServer(folder, port, password)
        finally:
            run([*ctl, "-m", "immediate", "stop"], user)


def run(command: Sequence[str | Path], user: str | None) -> None:
    """Run a program of the server's, as `user` where one is named."""
    environment = {name: os.environ[name] for name in ("PATH", "TZ") if name in os.environ}
    subprocess.run(
        command,
        env=environment,
        cwd="/",
        user=user,
        group=pwd.getpwnam(user).pw_gid if user else None,
        extra_groups=[] if user else None,
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
