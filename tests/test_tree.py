"""What is in git could be anyone's clone: no place on one machine, no package index, locks that agree."""

import re
import subprocess
import tomllib

import pytest

from tests.architecture import ROOT

ELSEWHERE = {
    "a place on one machine": r"(?<![\w.-])/(root|work|Users|home/[a-z][\w-]*|opt/[a-z][\w-]*)/",
    "a package index": r"(?i)\b(pypi|pythonhosted|npmjs|debian)\.(org|com)\b|--(extra-)?index-url|--find-links",
    "a conflict": r"(?m)^(<{7} |>{7} )",
}


def tracked() -> dict[str, str]:
    """Path → text of every file in git; what is not text is left out."""
    listing = ["git", "-c", "safe.directory=*", "-C", str(ROOT), "ls-files", "-z"]
    answer = subprocess.run(listing, capture_output=True, text=True, check=False)
    if answer.returncode:
        pytest.skip(reason="not a git clone, so nobody knows which files are tracked")
    texts = {}
    for path in filter(None, answer.stdout.split("\0")):
        raw = (ROOT / path).read_bytes() if (ROOT / path).is_file() else b""
        if b"\0" not in raw:
            texts[path] = raw.decode(errors="replace")
    return texts


def pins(name: str) -> dict[str, str]:
    """Library → exact version, from a lock file."""
    return dict(re.findall(r"(?m)^([\w.-]+)==(\S+)", (ROOT / name).read_text()))


@pytest.mark.parametrize("what", ELSEWHERE)
def test_no_file_names_what_others_do_not_have(what: str) -> None:
    texts = {path: text for path, text in tracked().items() if path != "tests/test_tree.py"}
    found = {path: match[0] for path, text in texts.items() if (match := re.search(ELSEWHERE[what], text))}
    assert not found, f"{what} in {found}"


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a place on one machine", "cd /{}/x".format("root")),
        ("a place on one machine", "'/home/ann/fieldhook'"),
        ("a package index", "https://files.pythonhosted.org/packages"),
        ("a package index", "pip install --index-url somewhere"),
        ("a conflict", "x\n<<<<<<< HEAD\n"),
    ],
)
def test_what_others_do_not_have_is_recognised(what: str, text: str) -> None:
    assert re.search(ELSEWHERE[what], text)


def test_every_pin_is_bound_to_its_hash() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text().replace("\\\n", "")
        assert not [line for line in text.splitlines() if line and "--hash=sha256:" not in line]


def test_what_is_tested_is_what_is_run() -> None:
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_every_dependency_is_locked() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = {
        "requirements.txt": project["project"]["dependencies"],
        "requirements-dev.txt": project["dependency-groups"]["dev"],
    }
    for lock, dependencies in wanted.items():
        names = {re.split(r"[\[<>=]", dependency)[0].lower() for dependency in dependencies}
        assert names <= pins(lock).keys()
