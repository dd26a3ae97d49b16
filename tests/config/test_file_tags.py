"""Tags in a file: a path, or a table with group and meaning."""

from typing import Any

import pytest

from automations.models import Tag
from config.files import NotLoadable, export, load

pytestmark = pytest.mark.django_db


def tags() -> list[dict[str, Any]]:
    """Every tag as it is stored."""
    return list(Tag.objects.order_by("name").values("name", "path", "group", "label"))


def test_tags_come_back_with_group_and_meaning() -> None:
    Tag.objects.create(name="MINE", path="mine")
    before, written = tags(), export()
    assert "  MINE: mine\n" in written
    Tag.objects.all().delete()
    load(written.encode(), {})
    assert tags() == before


def test_of_a_tag_with_only_a_path_the_rest_stays() -> None:
    load(b"tags: {BUDGET_RENT: budget.home.rent, NEW: a.b}", {})
    rent, new = Tag.objects.get(name="BUDGET_RENT"), Tag.objects.get(name="NEW")
    assert (rent.path, rent.group, rent.label) == ("budget.home.rent", "budget", "Rent or mortgage")
    assert (new.path, new.group, new.label) == ("a.b", "custom", "")


@pytest.mark.parametrize(
    "said", ["{path: a, group: nothing}", "{path: a, colour: red}", "{group: budget}", "[a]"]
)
def test_a_tag_that_cannot_be_one_is_refused_with_its_place(said: str) -> None:
    with pytest.raises(NotLoadable, match=r"line 1, tags\.T"):
        load(f"tags: {{T: {said}}}".encode(), {})
