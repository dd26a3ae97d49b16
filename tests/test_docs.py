"""README.md names everything a person can set, start or choose; nothing is left for reading the code."""

import ast
import re
import tomllib
from collections.abc import Iterable, Mapping
from typing import Any

import pytest

from automations.actions import ACTIONS
from automations.operators import OPERATORS
from config.roles import ROLES, Role
from tests.architecture import ORDER, ROOT
from webhooks_in.dialects import DIALECTS
from webhooks_in.presets import PRESETS
from webhooks_out.bodies import BODY_KINDS
from webhooks_out.transforms import TRANSFORMS


def reads_environment(call: ast.Call) -> bool:
    """`env("NAME", …)` or `env.bool("NAME", …)`."""
    reader = call.func.value if isinstance(call.func, ast.Attribute) else call.func
    named = call.args and isinstance(call.args[0], ast.Constant) and isinstance(call.args[0].value, str)
    return isinstance(reader, ast.Name) and reader.id == "env" and bool(named)


def settings() -> list[str]:
    """Every name config/settings.py reads from the environment."""
    calls = [
        node for node in ast.walk(ast.parse(text_of("config/settings.py"))) if isinstance(node, ast.Call)
    ]
    return sorted({call.args[0].value for call in calls if reads_environment(call)})


def commands() -> list[str]:
    """Every command of manage.py that is ours."""
    files = [path for app in ORDER for path in (ROOT / app).glob("management/commands/[!_]*.py")]
    return sorted(path.stem for path in files)


def targets() -> list[str]:
    """Every target of the Makefile a person may ask for."""
    return re.findall(r"(?m)^([a-z]+):.*## ", text_of("Makefile"))


def text_of(name: str) -> str:
    """The text of a file of the project."""
    return (ROOT / name).read_text()


@pytest.mark.parametrize("name", settings())
def test_the_readme_has_a_row_for_every_setting(name: str) -> None:
    assert re.search(rf"(?m)^\| *`{name}` *\|", text_of("README.md"))


def test_the_readme_describes_no_setting_that_is_gone() -> None:
    assert set(re.findall(r"(?m)^\| *`([A-Z][A-Z_]+)` *\|", text_of("README.md"))) <= set(settings())


@pytest.mark.parametrize("name", commands())
def test_the_readme_names_every_command(name: str) -> None:
    assert re.search(rf"manage\.py {name}\b", text_of("README.md"))


@pytest.mark.parametrize("name", targets())
def test_the_readme_names_every_make_target(name: str) -> None:
    assert re.search(rf"\bmake {name}\b", text_of("README.md"))


@pytest.mark.parametrize(
    "registry",
    [
        pytest.param(ACTIONS, id="actions"),
        pytest.param(BODY_KINDS, id="body kinds"),
        pytest.param(DIALECTS, id="dialects"),
        pytest.param(OPERATORS, id="operators"),
        pytest.param(PRESETS, id="verification presets"),
        pytest.param(TRANSFORMS, id="transforms"),
    ],
)
def test_the_readme_names_every_choice(registry: Mapping[str, Any]) -> None:
    readme = text_of("README.md")
    missing = [name for name, choice in registry.items() if not _is_named(readme, [name, _label(choice)])]
    assert registry, "an empty registry would let everything pass"
    assert not missing, f"README.md does not name {missing}"


def test_every_link_of_the_readme_to_a_file_leads_to_one() -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", text_of("README.md"))
    assert not [link for link in links if not (ROOT / link).exists()]


def test_the_changelog_tells_of_this_version() -> None:
    version = tomllib.loads(text_of("pyproject.toml"))["project"]["version"]
    assert re.search(rf"(?m)^## .*{re.escape(version)}", text_of("CHANGELOG.md"))


def test_what_must_be_named_is_found() -> None:
    assert "DATABASE_URL" in settings()
    assert "hub" in commands()
    assert "demo" in targets()


def _is_named(readme: str, names: Iterable[str]) -> bool:
    return any(f"`{name}`" in readme or f"**{name}**" in readme for name in names if name)


def _label(choice: object) -> str:
    return str(getattr(choice, "label", ""))


@pytest.mark.parametrize("role", ROLES, ids=lambda role: role.name)
def test_the_readme_says_what_each_role_may(role: Role) -> None:
    assert re.search(rf"(?m)^\| \*\*{role.name}\*\* \| \w", text_of("README.md"))
