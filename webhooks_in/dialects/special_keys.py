"""The keys two hubs exchange beside plain fields: co-applicant, creditors, bank, budget, enrollment plan, documents.

Forth's list of additional fields and DebtPayPro's special parameters; a source must leave them unmapped.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from automations.changes import DocumentsAsked
from webhooks_out import exact_json
from webhooks_out.scalars import is_empty, text

MAX_CREDITORS = 200
MAX_DOCUMENTS = 100  # of one record
MAX_DIGITS = 18  # of a document's id

PLAN, COPY, COAPPLICANT = "__plan_data", "__copydocs", "_coapp_"
BUDGET = "budget."  # how the path of a budget tag begins
# The sender's word: ours. Any other word is kept as it is.
PERSON = {
    "firstname": "first_name",
    "lastname": "last_name",
    "ssn": "ssn",
    "dob": "dob",
    "address1": "address1",
    "address2": "address2",
    "city": "city",
    "state": "state",
    "zip": "zip",
    "email": "email",
    "homephone": "home_phone",
    "workphone": "work_phone",
    "cellphone": "cell_phone",
}
CREDITOR = {
    "name": "name",
    "debt": "debt",
    "collection_name": "collection_name",
    "notes": "notes",
    "accountnum": "account",
    "accounttype": "type",
    "currentpay": "current_payment",
    "whose_debt": "holder",
    "lastpayment": "last_payment",
}
BANK = {
    "bank_name": "name",
    "name_on_account": "holder",
    "account_num": "account",
    "routing": "routing",
    "routing_num": "routing",
    "routing_number": "routing",
    "bank_account_type": "type",
}

NO_PLAN = f"{PLAN} is no JSON object or list, so the enrollment plan was kept as text."
NO_COPY = f"{COPY} was not understood: it is account, record id and document ids, such as 22-7-1,2,3."
TOO_MANY = f"Of the documents named in {COPY}, only the first {MAX_DOCUMENTS} are copied."
BEYOND = f"Creditors after number {MAX_CREDITORS} were left out."

_CREDITOR_KEY = re.compile(r"cred([1-9][0-9]{0,5})_(.+)", re.DOTALL)
_COPY = re.compile(
    rf"([0-9A-Za-z_.]{{1,60}})-(.{{1,255}})-([0-9]{{1,{MAX_DIGITS}}}(?:,[0-9]{{1,{MAX_DIGITS}}})*)?"
)


@dataclass
class Told:
    """What the special keys of a post say. `rest`: the other keys, as they were sent."""

    fields: dict[str, Any] = field(default_factory=dict)
    joined: set[str] = field(default_factory=set)  # fields of which only some of the parts are told
    documents: DocumentsAsked | None = None
    notes: list[str] = field(default_factory=list)
    rest: dict[str, Any] = field(default_factory=dict)


def read(sent: Mapping[str, Any], tags: Mapping[str, str]) -> Told:
    """Sorts the keys of a post; `tags` are all tags with their paths, of which those of the budget count.

    Creditors come in the order of their numbers, without gaps and without those of whom nothing is said.
    """
    told = Told()
    creditors: dict[int, dict[str, Any]] = {}
    for key, value in sent.items():
        budget = tags.get(key[1:-1] if key[:1] == "{" else key, "")
        if found := _CREDITOR_KEY.fullmatch(key):
            _put_creditor(creditors, int(found[1]), found[2], value)
        elif key.startswith(COAPPLICANT) and key != COAPPLICANT:
            name = key.removeprefix(COAPPLICANT)
            _put(told, f"coapplicant.{PERSON.get(name, name)}", value)
        elif key in BANK:
            _put(told, f"bank.{BANK[key]}", value)
        elif budget.startswith(BUDGET):
            _put(told, budget, value)
        elif key == PLAN:
            _take_plan(told, value)
        elif key == COPY:
            _ask_for_documents(told, text(value).strip())
        else:
            told.rest[key] = value
    if creditors:
        known = [creditors[number] for number in sorted(creditors) if creditors[number]]
        told.fields["creditors"] = known[:MAX_CREDITORS]
        told.notes += [BEYOND] if len(known) > MAX_CREDITORS else []
    return told


def _put_creditor(creditors: dict[int, dict[str, Any]], number: int, word: str, value: Any) -> None:
    """Empty values are left out: the list replaces the one known before, so nothing needs to be emptied."""
    one = creditors.setdefault(number, {})
    if not is_empty(value):
        one[CREDITOR.get(word, word)] = value


def _put(told: Told, path: str, value: Any) -> None:
    head, _, rest = path.partition(".")
    told.joined.add(head)
    place = told.fields.setdefault(head, {})
    *nested, last = [rest] if head == "coapplicant" else rest.split(".")  # custom fields may have dots
    for name in nested:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            return
    place[last] = value


def _take_plan(told: Told, value: Any) -> None:
    if is_empty(value):
        return
    told.fields["plan_data"] = value
    if isinstance(value, str):
        try:
            plan = exact_json.clean(exact_json.loads(value))[0]
        except ValueError:
            plan = None
        if isinstance(plan, dict | list):
            told.fields["plan_data"] = plan
        else:
            told.notes.append(NO_PLAN)


def _ask_for_documents(told: Told, written: str) -> None:
    found = _COPY.fullmatch(written)
    if found is None:
        told.notes += [NO_COPY] if written else []
    elif found[3]:
        ids = tuple(dict.fromkeys(found[3].split(",")))
        told.notes += [TOO_MANY] if len(ids) > MAX_DOCUMENTS else []
        told.documents = DocumentsAsked(found[1], found[2], ids[:MAX_DOCUMENTS])
