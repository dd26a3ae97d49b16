"""The house rules that no linter knows, each one a function from a module to sentences about what breaks it."""

import ast
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatch
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ORDER = ("config", "webhooks_in", "automations", "webhooks_out")  # import only to the right
MAX_FILE_LINES = {"tests": 300}  # any other package: 250
MAX_FUNCTION_LINES = 40
MAX_POSITIONAL = 5
EMPTY_WORDS = {"utils", "helpers", "services", "managers", "base", "common"}
FUNCTION = ast.FunctionDef | ast.AsyncFunctionDef
DEFINITION = FUNCTION | ast.ClassDef
BROAD = {"Exception", "BaseException"}
BROAD_HOME = "webhooks_out/jobs.py"  # one job that goes wrong must not end the work on the others

EVERYWHERE = {"django", "structlog"}
HOMES = {
    "PIL": ["automations/certificate_images.py"],
    "csp": ["config/*"],
    "cryptography": ["config/settings.py", "webhooks_in/signatures.py", "webhooks_out/secrets.py"],
    "django_q": ["*/tasks.py", "config/*", "webhooks_out/drains.py"],
    "environ": ["config/settings.py"],
    "gunicorn": ["config/*"],
    "openpyxl": ["webhooks_in/imports/workbooks.py"],
    "redis": ["config/*", "webhooks_out/drains.py"],
    "regex": ["automations/patterns.py"],
    "reportlab": ["automations/certificates.py"],
    "requests": ["webhooks_out/connections.py", "webhooks_out/http.py"],
    "rest_framework": ["*/api.py", "*/api/*", "config/*", "webhooks_in/views.py"],
    "simplejson": ["webhooks_out/exact_json.py"],
    "socket": ["config/*", "webhooks_out/addresses.py", "webhooks_out/http.py", "webhooks_out/sockets.py"],
    "subprocess": ["config/*"],
    "unfold": ["*/admin*.py", "*/admin/*", "config/*"],
    "urllib3": ["webhooks_out/addresses.py", "webhooks_out/connections.py", "webhooks_out/http.py"],
    "yaml": ["config/*"],
}


@dataclass(frozen=True)
class Module:
    """One source file: where it lies below the root, and its text."""

    path: str
    text: str

    @property
    def package(self) -> str:
        """The first part of its path: config, webhooks_in, …, tests, or the file's own name."""
        return self.path.split("/", 1)[0]

    @cached_property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.text)

    @property
    def functions(self) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Functions and methods, nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, FUNCTION)]

    @property
    def classes(self) -> list[ast.ClassDef]:
        """Classes, nested ones too."""
        return [node for node in ast.walk(self.tree) if isinstance(node, ast.ClassDef)]

    @property
    def imports(self) -> list[tuple[int, str]]:
        """Line and full dotted name of everything imported."""
        found = []
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                found += [(node.lineno, alias.name) for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                start = "." * node.level + (f"{node.module}." if node.module else "")
                found += [(node.lineno, start + alias.name) for alias in node.names]
        return found


Rule = Callable[[Module], Iterator[str]]


def modules(*packages: str) -> list[Module]:
    """Every file of these packages but the migrations, which Django writes."""
    paths = [path for package in packages for path in sorted((ROOT / package).rglob("*.py"))]
    names = [path.relative_to(ROOT).as_posix() for path in paths if "migrations" not in path.parts]
    return [Module(name, (ROOT / name).read_text()) for name in names]


def imports_only_to_the_right(module: Module) -> Iterator[str]:
    """The order is config > webhooks_in > automations > webhooks_out, by full names, and nobody imports config."""
    allowed = set(ORDER[ORDER.index(module.package) :])
    for line, name in module.imports:
        top = name.split(".")[0]
        if name.startswith(".") or top in {"tests", *ORDER} - allowed:
            yield f"line {line} imports {name}"


def keeps_libraries_at_home(module: Module) -> Iterator[str]:
    """A library that is not Django is used in its one place, so that it can be exchanged there."""
    for line, name in module.imports:
        top = name.split(".")[0]
        ours = top in {*ORDER, *EVERYWHERE} or (top in sys.stdlib_module_names and top not in HOMES)
        if not ours and not any(fnmatch(module.path, home) for home in HOMES.get(top, [])):
            yield f"line {line} uses {top}, whose home is {HOMES.get(top, 'not yet in tests/architecture.py')}"


def imports_at_the_top(module: Module) -> Iterator[str]:
    """No import hides in a function: it would hide a circle."""
    for function in module.functions:
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield f"line {node.lineno} imports inside {function.name}()"


def is_small(module: Module) -> Iterator[str]:
    """Files, functions and argument lists that fit in a head."""
    lines, most = len(module.text.splitlines()), MAX_FILE_LINES.get(module.package, 250)
    if lines > most:
        yield f"has {lines} lines, {most} at most"
    for function in module.functions:
        length = (function.end_lineno or 0) - function.lineno + 1
        if length > MAX_FUNCTION_LINES:
            yield f"{function.name}() has {length} lines, {MAX_FUNCTION_LINES} at most"
        names = [argument.arg for argument in function.args.posonlyargs + function.args.args]
        if len(names) - (names[:1] in (["self"], ["cls"])) > MAX_POSITIONAL:
            yield f"{function.name}() takes {len(names)} positional arguments, {MAX_POSITIONAL} at most"


def catches_what_it_names(module: Module) -> Iterator[str]:
    """No broad `except`, but for the one that keeps the workers going."""
    broad = [
        node for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler) and _is_broad(node)
    ]
    for handler in broad[1:] if module.path == BROAD_HOME else broad:
        yield f"line {handler.lineno} catches everything"


def has_silent_models(module: Module) -> Iterator[str]:
    """No signals, and no model that does more than asked when it is saved or deleted."""
    for line, name in module.imports:
        if name.startswith("django.dispatch") or "signals" in name.split("."):
            yield f"line {line} uses signals"
    for model in module.classes if "/models" in module.path else []:
        for node in model.body:
            if isinstance(node, ast.FunctionDef) and node.name in {"save", "delete", "save_base"}:
                yield f"line {node.lineno} overrides {model.name}.{node.name}()"


def has_a_telling_name(module: Module) -> Iterator[str]:
    """Modules are nouns of what they decide; these words say nothing."""
    for part in module.path.removesuffix(".py").split("/"):
        if EMPTY_WORDS & {*part.split("_"), *(f"{word}s" for word in part.split("_"))}:
            yield f"is called {part!r}"


def says_what_it_is_for(module: Module) -> Iterator[str]:
    """A docstring for everything public; a method that Django or another base class asks for needs none."""
    if module.tree.body and not ast.get_docstring(module.tree):
        yield "has no docstring"
    if module.package == "tests":
        return
    for node in module.tree.body:
        is_command = isinstance(node, ast.ClassDef) and "/management/commands/" in module.path
        if isinstance(node, DEFINITION) and not is_command:
            if not module.path.endswith("/apps.py"):
                yield from _without_docstring(node)
            if isinstance(node, ast.ClassDef) and not node.bases:
                for method in node.body:
                    yield from _without_docstring(method)


def gives_reasons(module: Module) -> Iterator[str]:
    """Whoever silences a tool or skips a test says why."""
    for number, line in enumerate(module.text.splitlines(), 1):
        silencer = re.search(r"#\s*(noqa|type:\s*ignore|pragma|fmt:|ruff:|mypy:)(.*)$", line)
        if silencer and not re.search(r"\s-\s\w.*\s\w", silencer[2]):
            yield f"line {number} silences a tool without ' - reason'"
    for node in ast.walk(module.tree):
        skips = isinstance(node, ast.Attribute) and node.attr in {"skip", "skipif", "xfail"}
        if skips and not _has_reason(node, module):
            yield f"line {node.lineno} skips without a reason"


RULES: dict[Rule, tuple[str, ...]] = {
    imports_only_to_the_right: ORDER,
    keeps_libraries_at_home: ORDER,
    imports_at_the_top: (*ORDER, "tests"),
    is_small: (*ORDER, "tests"),
    catches_what_it_names: (*ORDER, "tests"),
    has_silent_models: ORDER,
    has_a_telling_name: (*ORDER, "tests"),
    says_what_it_is_for: (*ORDER, "tests"),
    gives_reasons: (*ORDER, "tests"),
}


def _is_broad(handler: ast.ExceptHandler) -> bool:
    names = {
        node.id for node in ast.walk(handler.type or ast.Name("Exception")) if isinstance(node, ast.Name)
    }
    return bool(names & BROAD)


def _without_docstring(node: ast.stmt) -> Iterator[str]:
    if not isinstance(node, DEFINITION) or node.name.startswith("_"):
        return
    if not ast.get_docstring(node):
        yield f"line {node.lineno} {node.name} has no docstring"


def _has_reason(skip: ast.AST, module: Module) -> bool:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Call) and node.func is skip:
            plain_call = isinstance(skip.value, ast.Name) and skip.value.id == "pytest" and bool(node.args)
            return plain_call or any(keyword.arg == "reason" for keyword in node.keywords)
    return False
