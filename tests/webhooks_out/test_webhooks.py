"""Small facts of a webhook."""

import pytest

from webhooks_out.models import Webhook


@pytest.mark.parametrize(
    ("offered_to", "record_type", "offered"),
    [
        ("", "Contact", True),
        ("Contact", "Contact", True),
        ("Contact", "Task", False),
        ("contact , Task", "Contact", True),
        (" , ", "Task", True),
    ],
)
def test_a_webhook_is_offered_for_the_types_it_names(
    offered_to: str, record_type: str, offered: bool
) -> None:
    assert Webhook(offered_to=offered_to).is_offered_to(record_type) is offered
