"""Every list of ours that has nothing to show says what will stand there, and leads on to what brings it."""

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.urls import reverse

from tests.staff import signed_in, text

pytestmark = pytest.mark.django_db
OURS = ("automations", "webhooks_in", "webhooks_out")
FILLED = ("tag",)  # an installation brings some along


def lists() -> list[tuple[type[Model], ModelAdmin]]:
    """The lists that may be empty."""
    return [
        (model, shown_by)
        for model, shown_by in admin.site._registry.items()
        if model._meta.app_label in OURS and model._meta.model_name not in FILLED
    ]


@pytest.mark.parametrize(("model", "shown_by"), lists(), ids=lambda one: getattr(one, "__name__", ""))
def test_an_empty_list_names_the_next_step(model: type[Model], shown_by: ModelAdmin) -> None:
    words, address = shown_by.empty_link
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
    page = text(signed_in(superuser=True).get(reverse(name)))
    assert (shown_by.empty_title in page, shown_by.empty_words in page) == (True, True)
    assert f'href="{reverse(address)}">{words}</a>' in page
    assert "No results found" not in page
