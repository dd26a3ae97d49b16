"""The least an ingest can be: a WSGI application that checks one HMAC and inserts one row over a kept connection."""

import hmac
import json
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg

from tests.benchmarks import contacts

TABLE = """CREATE TABLE IF NOT EXISTS bare_receipt
    (id uuid PRIMARY KEY, body bytea NOT NULL, created_at timestamptz NOT NULL DEFAULT now())"""

_mine = threading.local()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """202 and the row's id, or 401."""
    body = environ["wsgi.input"].read(int(environ["CONTENT_LENGTH"]))
    wanted = contacts.signature(environ["HTTP_WEBHOOK_ID"], environ["HTTP_WEBHOOK_TIMESTAMP"], body)
    if not hmac.compare_digest(wanted, environ["HTTP_WEBHOOK_SIGNATURE"]):
        start_response("401 Unauthorized", [("Content-Length", "0")])
        return [b""]
    row = uuid4()
    _connection().execute("INSERT INTO bare_receipt (id, body) VALUES (%s, %s)", (row, body))
    answer = json.dumps({"receipt": str(row)}).encode()
    start_response(
        "202 Accepted", [("Content-Type", "application/json"), ("Content-Length", str(len(answer)))]
    )
    return [answer]


def _connection() -> psycopg.Connection[Any]:
    """This thread's own."""
    if not hasattr(_mine, "connection"):
        url = urlsplit(os.environ["DATABASE_URL"])
        folder, _, name = url.path.rpartition("/")
        _mine.connection = psycopg.connect(host=folder, user=url.username, dbname=name, autocommit=True)
    connection: psycopg.Connection[Any] = _mine.connection
    return connection
