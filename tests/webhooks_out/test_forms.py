"""The form of a webhook: what it refuses, what it keeps to itself, and what a new address takes away."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from tests.webhooks_out.pages import ADD, form_of, page_of, said, save, staff
from tests.world import SIGNING_SECRET, make_webhook
from webhooks_out import definitions
from webhooks_out.models import KeyValue, Webhook

pytestmark = pytest.mark.django_db
SECRETS = {
    "auth_username": "dialer",
    "auth_password": "password-kept",
    "secret_headers": "X-Api-Key: header-kept",
    "signing_secret": SIGNING_SECRET,
}


@pytest.fixture
def dialer() -> Webhook:
    """A webhook with every kind of secret."""
    webhook = make_webhook("https://dialer.example/post", **SECRETS)
    KeyValue.objects.create(webhook=webhook, key="token", kind="secret", secret="row-kept")
    return webhook


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"url": "ftp://partner.example/"}, "must start with http"),
        ({"url": "https://me:pw@partner.example/"}, "user name or password"),
        ({"url": "https://10.0.0.1/"}, "is a private address"),
        ({"url": "https://169.254.169.254/latest"}, "metadata"),
        ({"url": "https://localhost:1/", "port": "70000"}, "less than or equal to 65535"),
        ({"url": "https://{HOST}/in"}, "TAGS} are not filled in"),
        ({"headers": "no colon here"}, "has no colon"),
        ({"headers": "Host: other.example"}, "set by Fieldhook itself"),
        ({"headers": "Transfer-Encoding: chunked"}, "set by Fieldhook itself"),
        ({"headers": "webhook-id: 7"}, "set by Fieldhook itself"),
        ({"headers": "X-Fieldhook-Hops: 0"}, "set by Fieldhook itself"),
        ({"headers": "Authorization: Bearer abc"}, "carries a credential"),
        ({"headers": "X-A: 1\nx-a: 2"}, "stands there twice"),
        ({"secret_headers": "Bearer abc"}, "has no colon"),
        ({"schedule": "soon, 300"}, "Write seconds"),
        ({"schedule": "90000"}, "which is a day"),
        ({"method": "GET"}, "carries no body"),
        ({"signing_secret": "short"}, "starts with whsec_"),
        ({"signing_secret": SIGNING_SECRET, "new_signing_secret": "on"}, "Either enter"),
        ({"ca": "not a certificate"}, "is no certificate"),
    ],
)
def test_what_cannot_be_sent_cannot_be_saved(admin_client: Client, changes: dict[str, str], why: str) -> None:
    assert why in said(admin_client.post(ADD, form_of(**changes)))
    assert not Webhook.objects.exists()


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ({"key": " ", "value": "a"}, "Write the key"),
        ({"key": "a", "value": " "}, "choose the field"),
        ({"key": "a", "kind": "text", "value": "{FIRSTNAME"}, "no other half"),
        ({"key": "a", "value": "b", "transform": "number", "argument": "x"}, "number of decimals"),
    ],
)
def test_a_row_that_cannot_work_cannot_be_saved(admin_client: Client, row: dict[str, str], why: str) -> None:
    assert why in said(admin_client.post(ADD, form_of(rows=[row])))
    assert not Webhook.objects.exists()


def test_keys_and_values_are_kept_to_the_letter(admin_client: Client) -> None:
    save(admin_client, rows=[{"key": " First Name", "kind": "constant", "value": " x "}])
    row = KeyValue.objects.get()
    assert (row.key, row.value) == (" First Name", " x ")


def test_new_rows_go_to_the_end_in_their_order(admin_client: Client) -> None:
    webhook = make_webhook("https://a.example/", pairs={"a": "a", "b": "b"})
    save(admin_client, webhook, rows=[{"key": "c", "value": "c"}, {"key": "d", "value": "d"}])
    assert [row.key for row in webhook.key_values.all()] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("row", "doubt"),
    [
        ({"key": "a", "value": "b"}, "The key a stands there 2 times"),
        ({"key": "b ", "value": "b"}, "begins or ends with a blank"),
        ({"key": "b", "kind": "text", "value": "{FRISTNAME}"}, "{FRISTNAME} is not among the tags"),
        ({"key": "b", "kind": "secret"}, "its secret value is not set"),
    ],
)
def test_what_is_probably_not_meant_is_said_and_saved(
    admin_client: Client, row: dict[str, str], doubt: str
) -> None:
    assert doubt in said(save(admin_client, rows=[{"key": "a", "value": "b"}, row]))
    assert KeyValue.objects.count() == 2


def test_a_known_tag_raises_no_doubt(admin_client: Client) -> None:
    rows = [{"key": "a", "kind": "text", "value": '{"n": "{FIRSTNAME} {C2_NAME}"}'}]
    assert "not among the tags" not in said(save(admin_client, rows=rows))


def test_no_page_shows_a_secret(admin_client: Client, dialer: Webhook) -> None:
    pages = said(admin_client.get(page_of(dialer))) + said(admin_client.get("/admin/webhooks_out/webhook/"))
    for secret in ("password-kept", "header-kept", "row-kept", SIGNING_SECRET, "gAAAA"):
        assert secret not in pages
    assert pages.count("Remove the stored one") == 4


def test_an_empty_input_keeps_what_is_stored(admin_client: Client, dialer: Webhook) -> None:
    save(admin_client, dialer, title="Renamed")
    webhook = Webhook.objects.get()
    assert webhook.title == "Renamed"
    assert webhook.auth_password.reveal() == "password-kept"
    assert webhook.secret_headers.reveal() == "X-Api-Key: header-kept"
    assert webhook.key_values.get().secret.reveal() == "row-kept"


def test_a_tick_removes_and_a_text_replaces(admin_client: Client, dialer: Webhook) -> None:
    save(admin_client, dialer, **{"auth_password-clear": "on", "secret_headers": "X-Api-Key: other"})
    webhook = Webhook.objects.get()
    assert not webhook.auth_password
    assert webhook.secret_headers.reveal() == "X-Api-Key: other"


def test_a_secret_typed_into_a_form_that_fails_is_asked_for_again(admin_client: Client) -> None:
    page = said(admin_client.post(ADD, form_of(auth_password="typed-once", title="")))
    assert "typed-once" not in page
    assert "Enter it again" in page


def test_a_row_that_is_no_secret_any_more_forgets_it(admin_client: Client, dialer: Webhook) -> None:
    save(admin_client, dialer, **{"key_values-0-kind": "constant", "key_values-0-value": "open"})
    row = KeyValue.objects.get()
    assert (row.pair().value, bool(row.secret)) == ("open", False)


@pytest.mark.parametrize(
    "url", ["https://evil.example/post", "http://dialer.example/post", "https://dialer.example:8443/"]
)
def test_a_new_address_takes_the_credentials_away_and_says_so(
    admin_client: Client, dialer: Webhook, url: str
) -> None:
    page = said(save(admin_client, dialer, url=url))
    webhook = Webhook.objects.get()
    kept = [webhook.auth_password, webhook.secret_headers, webhook.key_values.get().secret]
    assert not any(kept)
    assert "was removed: password, secret headers, the secret value of token" in page
    assert webhook.signing_secret


@pytest.mark.parametrize("also", [(), ("webhooks_out.view_keyvalue",)])
def test_who_may_not_change_the_rows_cannot_send_their_secrets_elsewhere(
    dialer: Webhook, also: tuple[str, ...]
) -> None:
    person = staff("webhooks_out.change_webhook", "webhooks_out.view_webhook", *also)
    page = said(save(person, dialer, url="https://evil.example/"))
    assert not KeyValue.objects.get().secret
    assert "the secret value of token" in page


def test_credentials_entered_with_the_new_address_stay(admin_client: Client, dialer: Webhook) -> None:
    entered = {"auth_password": "new", "secret_headers": "X-Api-Key: new", "key_values-0-secret": "new"}
    page = said(save(admin_client, dialer, url="https://other.example/", **entered))
    webhook = Webhook.objects.get()
    assert webhook.auth_password.reveal() == webhook.key_values.get().secret.reveal() == "new"
    assert "was removed" not in page


def test_another_path_of_the_same_address_keeps_them(admin_client: Client, dialer: Webhook) -> None:
    save(admin_client, dialer, url="https://DIALER.example:443/other")
    assert Webhook.objects.get().auth_password.reveal() == "password-kept"


def test_a_generated_signing_secret_is_shown_once_and_the_old_one_counts_for_a_day(
    admin_client: Client, dialer: Webhook
) -> None:
    page = said(save(admin_client, dialer, new_signing_secret="on"))
    webhook = Webhook.objects.get()
    assert webhook.signing_secret.reveal() in page
    assert webhook.previous_signing_secret.reveal() == SIGNING_SECRET
    left = webhook.previous_valid_until - timezone.now()
    assert timedelta(hours=23) < left < timedelta(hours=25)
    assert webhook.signing_secret.reveal() not in said(admin_client.get(page_of(webhook)))


def test_removing_the_signing_secret_removes_the_old_one_too(admin_client: Client, dialer: Webhook) -> None:
    save(admin_client, dialer, new_signing_secret="on")
    save(admin_client, Webhook.objects.get(), **{"signing_secret-clear": "on"})
    webhook = Webhook.objects.get()
    assert not any([webhook.signing_secret, webhook.previous_signing_secret])


def test_the_workers_learn_of_every_change(admin_client: Client) -> None:
    save(admin_client)
    first = definitions.version()
    save(admin_client, Webhook.objects.get(), title="Renamed")
    assert first != definitions.version()


def test_only_who_may_switches_off_the_check_of_the_certificate() -> None:
    views = ("webhooks_out.view_webhook", "webhooks_out.change_webhook", "webhooks_out.change_keyvalue")
    webhook = make_webhook("https://a.example/")
    unchecked = {name: value for name, value in form_of(webhook).items() if name != "verify_tls"}
    staff(*views).post(page_of(webhook), unchecked)
    assert Webhook.objects.get().verify_tls
    staff(*views, "webhooks_out.send_unverified").post(page_of(webhook), unchecked)
    assert not Webhook.objects.get().verify_tls
