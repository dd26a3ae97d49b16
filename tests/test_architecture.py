"""The house rules hold everywhere; each rule is first shown a file that breaks it."""

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState

from tests import architecture
from tests.architecture import BROAD_HOME, ORDER, RULES, Module, Rule, modules

# Apart from what stands around them, so that no tool takes an example for an order.
HASH, SKIP = "#", "skip"
BREACHES: list[tuple[Rule, str, str]] = [
    (architecture.imports_only_to_the_right, "webhooks_out/jobs.py", "from automations import engine"),
    (architecture.imports_only_to_the_right, "automations/engine.py", "import webhooks_in.models"),
    (
        architecture.imports_only_to_the_right,
        "webhooks_in/views.py",
        "def f():\n    from config import settings",
    ),
    (architecture.imports_only_to_the_right, "config/urls.py", "from . import health"),
    (architecture.imports_only_to_the_right, "config/urls.py", "from tests import world"),
    (architecture.keeps_libraries_at_home, "automations/engine.py", "import requests.adapters"),
    (architecture.keeps_libraries_at_home, "webhooks_in/views.py", "from cryptography.fernet import Fernet"),
    (architecture.keeps_libraries_at_home, "webhooks_out/jobs.py", "import socket"),
    (architecture.keeps_libraries_at_home, "webhooks_out/jobs.py", "import a_library_without_a_home"),
    (architecture.imports_at_the_top, "config/urls.py", "class A:\n    def f(self):\n        import os"),
    (architecture.is_small, "config/urls.py", "x = 1\n" * 251),
    (architecture.is_small, "tests/world.py", "x = 1\n" * 301),
    (architecture.is_small, "config/urls.py", "def f():\n" + "    x = 1\n" * 40),
    (architecture.is_small, "config/urls.py", "class A:\n    async def f(self, a, b, c, d, e, f): ..."),
    (architecture.catches_what_it_names, "config/urls.py", "try: ...\nexcept Exception: ..."),
    (architecture.catches_what_it_names, "config/urls.py", "try: ...\nexcept (OSError, BaseException): ..."),
    (architecture.catches_what_it_names, "config/urls.py", "try: ...\nexcept: ..."),
    (architecture.catches_what_it_names, BROAD_HOME, "try: ...\nexcept Exception: ...\n" * 2),
    (architecture.has_silent_models, "automations/apps.py", "from django.db.models.signals import post_save"),
    (architecture.has_silent_models, "automations/apps.py", "from django.dispatch import receiver"),
    (architecture.has_silent_models, "webhooks_in/models.py", "class A:\n    def save(self): ..."),
    (architecture.has_silent_models, "automations/models/rules.py", "class A:\n    def delete(self): ..."),
    (architecture.has_a_telling_name, "automations/date_utils.py", ""),
    (architecture.has_a_telling_name, "webhooks_in/services/intake.py", ""),
    (architecture.says_what_it_is_for, "config/urls.py", "x = 1"),
    (architecture.says_what_it_is_for, "config/urls.py", '"""M."""\ndef f(): ...'),
    (architecture.says_what_it_is_for, "config/urls.py", '"""M."""\nclass A(B): ...'),
    (
        architecture.says_what_it_is_for,
        "config/urls.py",
        '"""M."""\nclass A:\n    """A."""\n    def f(self): ...',
    ),
    (architecture.gives_reasons, "config/urls.py", f"x = 1  {HASH} noqa: F401"),
    (architecture.gives_reasons, "config/urls.py", f"x = 1  {HASH} type: ignore[arg-type] - why"),
    (architecture.gives_reasons, "tests/test_a.py", f"@pytest.mark.{SKIP}\ndef test_a(): ..."),
    (architecture.gives_reasons, "tests/test_a.py", f"pytest.{SKIP}()"),
    (architecture.gives_reasons, "tests/test_a.py", f"@pytest.mark.{SKIP}if(True)\ndef test_a(): ..."),
]
FINE: list[tuple[Rule, str, str]] = [
    (architecture.imports_only_to_the_right, "webhooks_in/views.py", "from automations import engine"),
    (architecture.keeps_libraries_at_home, "webhooks_out/http.py", "import requests\nimport socket"),
    (architecture.is_small, "config/urls.py", "class A:\n    def f(self, a, b, c, d, e, *, f, g): ..."),
    (architecture.catches_what_it_names, BROAD_HOME, "try: ...\nexcept Exception: ..."),
    (
        architecture.says_what_it_is_for,
        "config/urls.py",
        '"""M."""\nclass A(B):\n    """A."""\n    def f(self): ...',
    ),
    (architecture.gives_reasons, "config/urls.py", f"x = 1  {HASH} noqa: S105 - the name of a header"),
    (
        architecture.gives_reasons,
        "config/urls.py",
        f"x = 1  {HASH} type: ignore[misc] {HASH} - a proxy narrows it",
    ),
    (architecture.gives_reasons, "tests/test_a.py", f"pytest.{SKIP}('no browser here')"),
    (architecture.gives_reasons, "tests/test_a.py", f"pytest.{SKIP}(reason='no browser here')"),
]


@pytest.mark.parametrize(("rule", "path", "text"), BREACHES)
def test_a_rule_sees_what_breaks_it(rule: Rule, path: str, text: str) -> None:
    assert list(rule(Module(path, text)))


@pytest.mark.parametrize(("rule", "path", "text"), FINE)
def test_a_rule_lets_pass_what_keeps_it(rule: Rule, path: str, text: str) -> None:
    assert not list(rule(Module(path, text)))


@pytest.mark.parametrize(
    ("rule", "packages"), RULES.items(), ids=lambda value: getattr(value, "__name__", "")
)
def test_the_project_keeps_its_rules(rule: Rule, packages: tuple[str, ...]) -> None:
    breaches = [f"{module.path}: {breach}" for module in modules(*packages) for breach in rule(module)]
    assert not breaches, "\n".join([rule.__doc__ or "", *breaches])


def test_every_rule_is_tried_on_a_file_that_breaks_it() -> None:
    assert {rule for rule, _, _ in BREACHES} == set(RULES)


def test_the_one_broad_except_is_where_the_workers_need_it() -> None:
    home = Module(BROAD_HOME, (architecture.ROOT / BROAD_HOME).read_text())
    assert list(architecture.catches_what_it_names(Module("config/urls.py", home.text)))


def test_the_models_have_all_their_migrations() -> None:
    loader = MigrationLoader(None)
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(
        loader.graph
    )
    assert not {label: migrations for label, migrations in changes.items() if label in ORDER}


def test_django_has_nothing_to_complain_of() -> None:
    call_command("check", fail_level="WARNING")
