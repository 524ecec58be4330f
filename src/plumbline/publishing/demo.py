"""`make bi`: starts a PostgreSQL on this machine, publishes the warehouse to it, and stops it when interrupted."""

import os
import secrets
import signal
import sys
from pathlib import Path

import duckdb
from adbc_driver_postgresql import dbapi

from plumbline.cli import main as plumbline
from plumbline.landing.casts import literal
from plumbline.publishing.local_server import LocalServer, local_server

READER = "bi_reader"


def main() -> int:
    """Start the server, publish, say what to type, and wait to be interrupted; 1 where nothing was published."""
    # A shell starts what runs in the background with Ctrl-C ignored; the server must stop there, too.
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, signal.default_int_handler)
    try:
        with local_server() as server:
            password = secrets.token_urlsafe(12)
            with dbapi.connect(server.dsn(), autocommit=True) as connection, connection.cursor() as cursor:
                cursor.execute("create database marts")
                cursor.execute(f"create role {READER} login password {literal(password)}")
            os.environ["PLUMBLINE_POSTGRES_DSN"] = server.dsn(database="marts")
            code = plumbline(["publish", "postgres", "--reader", READER])
            if code == 0:
                print(what_to_type(server, password), flush=True)
                signal.pause()
            return code
    except (KeyboardInterrupt, duckdb.InterruptException):
        print("Stopped.")
        return 0
    except (OSError, RuntimeError) as error:
        print(f"make bi: {error}", file=sys.stderr)
        return 1


def what_to_type(server: LocalServer, password: str) -> str:
    """How each tool connects; the password is of this server, which is gone with the command."""
    dsn = server.dsn(user=READER, password=password, database="marts")
    page = Path("docs/bi.md")
    return f"""
The marts are served on this machine until you press Ctrl-C.

  Server 127.0.0.1, port {server.port}, database marts, schema plumbline, user {READER}, password {password}

  Tableau   Connect > PostgreSQL, with the server, port, database, user and password above; no SSL
  Power BI  Get data > PostgreSQL database: server 127.0.0.1:{server.port}, database marts; then user and password
  psql      psql {dsn} -c 'select * from plumbline.mart_queue_health limit 10'

More: {page}"""


if __name__ == "__main__":
    sys.exit(main())
