"""The YAML of a file: texts stay as they are written, everything knows its line, and nothing odd gets in."""

from typing import Any

import pytest

from automations.models import System
from config.files import NotLoadable, load
from config.files.document import MAX_BYTES, parse


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"systems: [\n", "line 2: this is not YAML"),
        (b"systems: [A]\n---\nsystems: [B]", "line 3: a second document begins here"),
        (b"systems:\n- &a A\n- *a", "line 2, systems[0]: anchors and aliases (& and *) are not read"),
        (b"systems: [!!python/object/apply:os.system [ls]]", "line 1, systems[0]: tags (!) are not read."),
        (b"systems: [A]\nsystems: [B]", "line 2, systems: this key stands here twice."),
        (b"systems: [\x01]", "The file is not YAML"),
        (b"systems: [A]\n\xff", "line 2: this is not UTF-8."),
        ("systems: [A]".encode("utf-16"), "line 1: this is not UTF-8."),
        (b"? [a]\n: b", "line 1: a key is a text."),
        (b"- " * 5_000 + b"a", "line 1, [0][0][0]"),
        (b"[" * 100_000, "line 1, [0][0][0]"),
        (b"a: b\n" * (MAX_BYTES // 5 + 1), "The file is larger than"),
        (b"[" + b"a," * 600_000 + b"]", "line 1: the file holds too many values."),
        (b"just a text", "line 1: write keys and values here."),
    ],
)
def test_what_is_no_such_file_is_refused(db: None, raw: bytes, sentence: str) -> None:
    with pytest.raises(NotLoadable) as refused:
        load(raw, {})
    assert str(refused.value).startswith(sentence)
    assert not System.objects.exists()


@pytest.mark.parametrize(
    "raw", [b"", b"# nothing\n", b"systems:\ntags: ~\nrules: null\n", b"\xef\xbb\xbfsystems: []"]
)
def test_a_file_may_be_empty(db: None, raw: bytes) -> None:
    assert load(raw, {}) == []


@pytest.mark.parametrize("written", ["yes", "007", "2026-03-10", "1_000", "~x", "0x1F", "1e3", "null"])
def test_a_text_is_what_stands_there(written: str) -> None:
    assert parse(f"a: {written}".encode()).table()["a"].text() == written


@pytest.mark.parametrize(
    ("written", "flag"), [("yes", True), ("True", True), ("off", False), ("'no'", False)]
)
def test_a_flag_may_be_written_as_yaml_writes_it(written: str, flag: bool) -> None:
    assert parse(f"a: {written}".encode()).table()["a"].flag() is flag


def test_a_line_is_that_of_the_file(db: None) -> None:
    def place(raw: bytes, *path: Any) -> str:
        value = parse(raw)
        for step in path:
            value = value.items()[step] if isinstance(step, int) else value.table()[step]
        return str(value.place)

    raw = b"\n\na:\n  - b: |\n      x\n      y\n    c: {d: 1,\n      'e f': 2}\n"
    assert place(raw, "a", 0, "c") == "line 7, a[0].c"
    assert place(raw, "a", 0, "c", "e f") == "line 8, a[0].c.'e f'"
