"""Sources stay in memory, but never longer than a second after a change."""

import pytest
from pytest_django import DjangoAssertNumQueries

from tests.world import make_source
from webhooks_in.directory import Directory
from webhooks_out import definitions

pytestmark = pytest.mark.django_db


@pytest.fixture
def met() -> tuple[Directory, str]:
    """A directory that has met a source, and the source's token."""
    token = make_source().token.reveal()
    definitions.touch()
    directory = Directory()
    directory.find(token)
    return directory, token


def test_a_source_that_was_met_costs_nothing(
    met: tuple[Directory, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    directory, token = met
    with django_assert_num_queries(0):
        assert directory.find(token) is not None


def test_a_source_that_was_switched_off_is_forgotten_within_a_second(met: tuple[Directory, str]) -> None:
    directory, token = met
    source = directory.find(token)
    assert source is not None
    source.active = False
    source.save()
    definitions.touch()
    directory._asked -= 1.1
    assert directory.find(token) is None


def test_an_unknown_token_is_asked_for_each_time(
    met: tuple[Directory, str], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    directory, _ = met
    for _ in range(2):
        with django_assert_num_queries(1):
            assert directory.find("nobody's") is None


def test_before_the_first_change_nothing_is_remembered(db: None) -> None:
    token, directory = make_source().token.reveal(), Directory()
    assert directory.find(token) is not directory.find(token)
