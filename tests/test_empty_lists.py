"""Every list of ours that has nothing to show says what will stand there, and leads on to what brings it."""

import pytest
from django.contrib import admin
from django.contrib.admin import ModelAdmin
from django.db.models import Model
from django.urls import reverse

from automations.models import Queued, Run
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


def address(model: type[Model]) -> str:
    """Where its list is."""
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")


@pytest.mark.parametrize(("model", "shown_by"), lists(), ids=lambda one: getattr(one, "__name__", ""))
def test_an_empty_list_names_the_next_step(model: type[Model], shown_by: ModelAdmin) -> None:
    words, step = shown_by.empty_link
    page = text(signed_in(superuser=True).get(address(model)))
    assert (shown_by.empty_title in page, shown_by.empty_words in page) == (True, True)
    assert f'href="{reverse(step)}">{words}</a>' in page
    assert "No results found" not in page


@pytest.mark.parametrize(("model", "shown_by"), lists(), ids=lambda one: getattr(one, "__name__", ""))
def test_an_empty_list_leads_nobody_where_they_may_not_go(model: type[Model], shown_by: ModelAdmin) -> None:
    seen = Run if model is Queued else model  # who may see runs sees those that are pending
    viewer = signed_in(f"{seen._meta.app_label}.view_{seen._meta.model_name}")
    page = text(viewer.get(address(model)))
    assert shown_by.empty_title in page
    assert f'href="{reverse(shown_by.empty_link[1])}"' not in page
