"""What four systems have to tell: a morning at Northgate Advice, as signed requests."""

import base64
import hmac
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from hashlib import sha256
from itertools import count
from typing import Any
from urllib.parse import urlencode

from webhooks_out import signing

JSON, FORM = "application/json", "application/x-www-form-urlencoded"
LEADS, WEBSITE, TASKS = "Brightwater: leads", "Lead form", "Insightly: tasks"
CONTACTS, PAYMENTS = "Insites: contacts", "Ledgerline: payments"
PRIYA = {"id": 4711, "first_name": "Priya", "last_name": "Raman", "email": "priya@northgate.example"}
DANIEL = {"id": 4712, "first_name": "Daniel", "last_name": "Osei", "email": "daniel@northgate.example"}
STEP = timedelta(
    milliseconds=10
)  # so short that the next start of the demo is later than all of this one's times
REVIEW = "level2_review_status"


@dataclass(frozen=True)
class Sample:
    """One request to a source, and what it is about."""

    source: str
    what: str
    body: bytes = b""
    method: str = "POST"
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


class Morning:
    """The samples of one run; ids that must be new and times follow from `now`, the moment it begins."""

    def __init__(self, now: datetime, secrets: Mapping[str, str]) -> None:
        self.now = now
        self.secrets = secrets
        self._run = f"{now:%y%m%d%H%M%S}"
        self._steps = count()

    def samples(self) -> Iterator[Sample]:
        """Every request, in the order it is made."""
        maya = {"firstname": "MAYA", "lastname": "okafor", "phone": "(555) 010-4477", "state": "ca"}
        tomas = {"firstname": "Tomas", "lastname": "Lindqvist", "phone": "555-010-9021", "state": "WA"}
        yield self._lead(
            {**maya, "debt": "$18,400", "ssn": "078-05-1120"}, "1", "a lead by form: Maya Okafor"
        )
        yield self._lead(
            {**tomas, "debt": "27250"}, "2", "a lead by query string: Tomas Lindqvist", method="GET"
        )
        yield from self._website()
        yield self._contact({**PRIYA, REVIEW: "In review"}, "Priya Raman is in review")
        yield self._contact({**DANIEL, REVIEW: "In review"}, "Daniel Osei is in review")
        passed = self._contact(_changed(PRIYA, "Passed"), "Priya Raman passed her review")
        yield passed
        yield Sample(CONTACTS, "the same once more", passed.body, headers=passed.headers)
        yield self._contact(_changed(DANIEL, "Failed"), "Daniel Osei failed his")
        forged = self._contact(
            _changed(DANIEL, "Passed"), "somebody says Daniel passed, with a wrong signature"
        )
        yield Sample(
            CONTACTS, forged.what, forged.body, headers={**forged.headers, "X-Insites-Signature": "0" * 64}
        )
        yield self._task(2, "NOT STARTED", "a task: call Maya Okafor")
        yield self._task(3, "IN PROGRESS", "the task became urgent")
        yield self._payment("a payment came back unpaid")

    def _lead(self, keys: dict[str, str], number: str, what: str, method: str = "POST") -> Sample:
        encoded = urlencode({**keys, "externalid": f"{self._run}{number}"})
        if method == "GET":
            return Sample(LEADS, what, method="GET", query=encoded)
        return Sample(LEADS, what, encoded.encode(), headers={"Content-Type": FORM})

    def _website(self) -> Iterator[Sample]:
        """Two people fill in the form of the website, one of them twice."""
        rosa = {"first": "rosa", "last": "marin", "email": f"rosa.{self._run}@harbour.example"}
        rosa |= {"phone": "555-010-3321", "tax_number": "98-7654321"}
        kofi = {
            "first": "Kofi",
            "last": "Mensah",
            "email": f"kofi.{self._run}@harbour.example",
            "state": "or",
        }
        told = [
            (rosa, "1", "the website's form: Rosa Marin"),
            (kofi, "2", "the website's form: Kofi Mensah"),
            ({**rosa, "email": rosa["email"].upper()}, "3", "Rosa Marin fills in the form once more"),
        ]
        for keys, number, what in told:
            body = urlencode({**keys, "my_id": f"W-{self._run}{number}"}).encode()
            yield Sample(WEBSITE, what, body, headers={"Content-Type": FORM})

    def _contact(self, payload: dict[str, Any], what: str) -> Sample:
        record = payload.get("snapshot", payload)
        record["updated_at"] = self._time().isoformat()
        body = json.dumps(payload).encode()
        signature = hmac.new(self.secrets["DEMO_CONTACTS_SECRET"].encode(), body, sha256).hexdigest()
        return Sample(CONTACTS, what, body, headers={"Content-Type": JSON, "X-Insites-Signature": signature})

    def _task(self, priority: int, status: str, what: str) -> Sample:
        entity = {
            "TASK_ID": 99922875,
            "TITLE": "Call Maya Okafor",
            "STATUS": status,
            "PRIORITY": priority,
            "COMPLETED": False,
            "DUE_DATE": _dot_net(self.now + timedelta(days=1)),
            "DATE_CREATED_UTC": _dot_net(self.now - timedelta(days=1)),
            "DATE_UPDATED_UTC": _dot_net(self._time()),
            "TASKLINKS": [],
        }
        credentials = base64.b64encode(self.secrets["DEMO_TASKS_SECRET"].encode()).decode()
        headers = {"Content-Type": JSON, "Authorization": f"Basic {credentials}"}
        return Sample(TASKS, what, json.dumps({"entity": entity}).encode(), headers=headers)

    def _payment(self, what: str) -> Sample:
        data = {
            "id": f"pay_{self._run}",
            "client": "Ines Carvalho",
            "amount": "310.00",
            "return_reason": "R01",
        }
        event = {"type": "payment.returned", "timestamp": self._time().isoformat(), "data": data}
        body = json.dumps(event).encode()
        secrets = [self.secrets["DEMO_PAYMENTS_SECRET"]]
        signed = signing.headers(f"msg_{self._run}", int(self.now.timestamp()), body, secrets)
        return Sample(PAYMENTS, what, body, headers={"Content-Type": JSON, **signed})

    def _time(self) -> datetime:
        """Each a little after the one before."""
        return self.now + next(self._steps) * STEP


def _changed(person: Mapping[str, Any], status: str) -> dict[str, Any]:
    """What Insites sends in its mode “changes with snapshot”."""
    return {"changes": {REVIEW: status}, "snapshot": {**person, REVIEW: status}}


def _dot_net(at: datetime) -> str:
    return f"/Date({int(at.timestamp() * 1000)}-0800)/"
