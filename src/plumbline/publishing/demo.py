"""`make bi`: starts a PostgreSQL on this machine, publishes the warehouse to it, and stops it when interrupted."""

import os
import secrets
import signal
import sys

import duckdb
from adbc_driver_postgresql import dbapi

from plumbline.cli import main as plumbline
from plumbline.landing.casts import literal
from plumbline.publishing.local_server import LocalServer, local_server

# Of access.yml: one who sees all, one who sees a vendor, and a BI server's account.
ANALYST, LEAD, SHARED = "analyst", "northgate_lead", "tableau"


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
                for login in (ANALYST, LEAD, SHARED):
                    cursor.execute(f"create role {login} login password {literal(password)}")
            os.environ["PLUMBLINE_POSTGRES_DSN"] = server.dsn(database="marts")
            code = plumbline(["publish", "postgres"])
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
    dsn = server.dsn(user=ANALYST, password=password, database="marts")
    return f"""
The marts are served on this machine until you press Ctrl-C.

  Server 127.0.0.1, port {server.port}, database marts, schema plumbline, password {password}
  User {ANALYST} sees all, {LEAD} one vendor; {SHARED} is a BI server's account, which sees what the person may whom it
  names: set plumbline.principal = 'lead@palmera.example'

  Tableau   Connect > PostgreSQL, with server, port, database, user and password from above; no SSL
  Power BI  Get data > PostgreSQL database: server 127.0.0.1:{server.port}, database marts; then user and password
  psql      psql {dsn} -c 'select * from plumbline.mart_queue_health limit 10'

More: docs/bi.md"""


if __name__ == "__main__":
    sys.exit(main())
