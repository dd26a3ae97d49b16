"""Numbers that people keep to themselves are dots, whatever CRM sent them and however deep they stand."""

from typing import Any

import pytest

from automations import sensitive
from automations.changes import UNKNOWN
from automations.sensitive import DOTS, Sensitive
from tests.world import make_source, make_webhook
from webhooks_in.models import SourceField
from webhooks_out.models import KeyValue


@pytest.mark.parametrize(
    "path",
    [
        "ssn",
        "SSN",
        "coapplicant.ssn",
        "Social Security Number",
        "bank.account",
        "creditors.3.account",
        "acct_no",
    ],
)
def test_what_is_always_sensitive_is_known_by_its_name(path: str) -> None:
    assert path in Sensitive()


@pytest.mark.parametrize("path", ["account", "email", "ssn.0.name", "accounts", "bank.name", "missn", ""])
def test_other_names_are_not(path: str) -> None:
    assert path not in Sensitive()


@pytest.mark.parametrize(
    ("path", "value", "masked"),
    [
        ("ssn", "123-45-6789", DOTS),
        ("ssn", "", ""),
        ("ssn", None, None),
        ("ssn", UNKNOWN, UNKNOWN),
        ("bank", {"name": "First", "account": 77}, {"name": "First", "account": DOTS}),
        ("creditors", [{"account": "1", "debt": 5}], [{"account": DOTS, "debt": 5}]),
        ("", {"ssn": "1", "name": "Ana"}, {"ssn": DOTS, "name": "Ana"}),
        ("stage", "Lead", "Lead"),
    ],
)
def test_a_value_is_masked_however_deep_it_stands(path: str, value: Any, masked: Any) -> None:
    assert Sensitive().mask(path, value) == masked


@pytest.mark.django_db
def test_webhooks_and_data_sources_mark_further_fields() -> None:
    webhook = make_webhook("http://127.0.0.1:9/", pairs={"dob": "birthday", "fn": "first_name"})
    KeyValue.objects.filter(webhook=webhook, key="dob").update(sensitive=True)
    SourceField.objects.create(source=make_source(), key="inc", field="children.#.income", sensitive=True)
    found = sensitive.known()
    assert "birthday" in found
    assert "children.4.income" in found
    assert "first_name" not in found
