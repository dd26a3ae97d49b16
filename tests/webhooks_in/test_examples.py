"""What an administrator pastes into a shell is what the source accepts."""

import base64
import shlex
import shutil
import subprocess
import time
from urllib.parse import parse_qsl

import pytest

from automations.changes import RecordUpdate
from webhooks_in import payloads
from webhooks_in.dialects import DIALECTS, Reading
from webhooks_in.examples import SECRET, Example, example
from webhooks_in.models import Source
from webhooks_in.presets import PRESETS
from webhooks_in.schemes import Message
from webhooks_in.verification import verify

URL = "https://hub.example/in/a-token/"
KEY = bytes(range(32))
SECRETS = {
    "utf-8": 'Harbour\'s $ecret "of" `ours`',
    "hex": KEY.hex(),
    "whsec": "whsec_" + base64.b64encode(KEY).decode(),
}
SIGNED = [
    name
    for name, preset in PRESETS.items()
    if preset.scheme.mode in ("hmac", "plain-hash") and preset.scheme.encoding != "raw"
]


def run(made: Example, secret: str = "") -> tuple[dict[str, str], bytes]:
    """Runs the command in a shell whose curl only prints its arguments: the headers, lower case, and the body."""
    for program in ("bash", "openssl"):
        if shutil.which(program) is None:
            pytest.skip(reason=f"needs {program}, which examples call")
    script = made.command.replace(shlex.quote(SECRET), shlex.quote(secret))
    answer = subprocess.run(
        ["bash", "-euc", f"curl() {{ printf '%s\\0' \"$@\"; }}\n{script}"], capture_output=True, check=True
    )
    arguments = answer.stdout.decode().split("\0")
    headers = [arguments[at + 1] for at, argument in enumerate(arguments) if argument == "-H"]
    body = arguments[arguments.index("--data-binary") + 1]
    assert arguments[:3] == ["-X", "POST", URL]
    return {name.lower(): value for name, value in (line.split(": ", 1) for line in headers)}, body.encode()


@pytest.mark.parametrize("preset", SIGNED)
def test_the_command_signs_as_the_sender_would(preset: str) -> None:
    source = Source(title="x", dialect="insites", preset=preset)
    secret = SECRETS[source.scheme().secret_decoding]
    made = example(source, URL)
    headers, body = run(made, secret)
    message = Message(method="POST", url=URL, headers=headers, body=body)
    verify(source.scheme(), [secret], message, time.time())
    assert "Put the source's secret" in made.hint


@pytest.mark.parametrize("dialect", DIALECTS)
def test_the_example_is_understood_by_its_dialect(dialect: str) -> None:
    source = Source(
        title="x",
        dialect=dialect,
        record_type="Contact",
        path_record_id="data.id" if dialect == "json" else "",
        path_event="data.what" if dialect == "json" else "",
    )
    headers, body = run(example(source, URL))
    payload = payloads.read("POST", headers["content-type"], "", body)
    (item,) = DIALECTS[dialect].parse(
        payload, Reading(record_type="Contact", path_record_id=source.path_record_id)
    )
    assert isinstance(item, RecordUpdate)
    assert item.record_type == "Contact"


def test_a_token_stands_in_its_header() -> None:
    made = example(Source(dialect="insites", preset="gitlab"), URL)
    assert run(made)[0]["x-gitlab-token"] == SECRET
    assert "replaces" in made.hint


@pytest.mark.parametrize(
    ("preset", "words"),
    [
        ("none", ""),
        ("basic", "user and password"),
        ("zoho", "must stand in the body at token"),
        ("gohighlevel", "Only the sender can sign this"),
    ],
)
def test_what_a_shell_cannot_do_is_said(preset: str, words: str) -> None:
    made = example(Source(dialect="key_values", preset=preset), URL)
    assert words in made.hint
    assert bool(made.hint) is bool(words)
    assert dict(parse_qsl(run(made)[1].decode()))["firstname"] == "Ana"


def test_a_list_of_events_is_put_where_the_source_looks_for_it() -> None:
    source = Source(dialect="json", path_items="events", path_record_id="who.id", path_snapshot="who")
    payload = payloads.read("POST", "application/json", "", run(example(source, URL))[1])
    assert payload["events"][0]["who"]["id"] == 7
