"""Fills the list of contacts and looks at it as staff do. Served by `launch`."""

import time

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client

from automations.models import System

CONTACTS = "/admin/automations/contact/"
TABLES = "automations_identifier, automations_change, automations_record, automations_system"
PEOPLE = """INSERT INTO automations_record
        (system_id, type, external_id, name, fields, source, stage, status, campaign, deleted, created_at, updated_at)
    SELECT %s, 'Contact', number, 'Maria Okafor' || number,
        json_build_object('first_name', 'Maria', 'last_name', 'Okafor' || number, 'stage', 'Stage ' || mod(number, 12),
            'email', 'maria' || number || '@example.com', 'phone', '+1 555 ' || number, 'note', 'Called on Tuesday.'),
        'Leads ' || mod(number, 5), 'Stage ' || mod(number, 12), '', 'Campaign ' || mod(number, 40), false, now(), now()
    FROM generate_series(1, %s) AS number"""
KNOWN = {
    "email": "'maria' || external_id || '@example.com'",
    "phone": "reverse('1555' || external_id)",
    "(name)": "unnest(ARRAY['maria okafor' || external_id, 'okafor' || external_id])",
}


def fill(count: int) -> float:
    """Exactly so many contacts, each with its identifiers; seconds it took."""
    began = time.monotonic()
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TABLES} CASCADE")
        cursor.execute(PEOPLE, [System.objects.create(name="Insites").pk, count])
        for kind, value in KNOWN.items():
            cursor.execute(
                f"""INSERT INTO automations_identifier (record_id, kind, value)
                    SELECT id, '{kind}', {value} FROM automations_record"""
            )
        cursor.execute(f"ANALYZE {TABLES}")
    return time.monotonic() - began


def look(query: str, turns: int, address: str = CONTACTS) -> list[float]:
    """Seconds that each look at the list took; one more was made before."""
    person, _ = User.objects.get_or_create(username="mia", is_staff=True, is_superuser=True)
    client = Client(headers={"host": settings.ALLOWED_HOSTS[0]})
    client.force_login(person)
    return [_look(client, address + query) for _ in range(turns + 1)][1:]


def _look(client: Client, address: str) -> float:
    began = time.perf_counter()
    answer = client.get(address)
    taken = time.perf_counter() - began
    if answer.status_code != 200 or b"Maria Okafor" not in answer.content:
        raise RuntimeError(f"{address} was answered {answer.status_code}, or with nobody")
    return taken
