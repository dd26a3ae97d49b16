"""One row per sender: how its webhooks are signed, so that an administrator only has to paste a secret."""

from dataclasses import dataclass

from webhooks_in.schemes import Scheme

FIVE_MINUTES = 300  # seconds a timestamp may differ, either way


@dataclass(frozen=True)
class Preset:
    """A scheme with the name and the advice an administrator sees."""

    label: str
    scheme: Scheme
    help: str


def _standard(stem: str) -> Scheme:
    """Standard Webhooks 1.0.0, symmetric; `stem` starts the header names."""
    return Scheme(
        mode="hmac",
        encoding="base64",
        header=f"{stem}-signature",
        prefix="v1,",
        separator=" ",
        secret_decoding="whsec",
        content="{id}.{timestamp}.{body}",
        timestamp_header=f"{stem}-timestamp",
        tolerance=FIVE_MINUTES,
        id_header=f"{stem}-id",
    )


_ASYMMETRIC = Scheme(
    mode="ed25519",
    encoding="base64",
    header="webhook-signature",
    prefix="v1a,",
    separator=" ",
    content="{id}.{timestamp}.{body}",
    timestamp_header="webhook-timestamp",
    tolerance=FIVE_MINUTES,
    id_header="webhook-id",
)
_STRIPE = Scheme(
    mode="hmac",
    header="stripe-signature",
    prefix="v1=",
    separator=",",
    content="{timestamp}.{body}",
    timestamp_prefix="t=",
    tolerance=FIVE_MINUTES,
)
_HUBSPOT_3 = Scheme(
    mode="hmac",
    encoding="base64",
    header="x-hubspot-signature-v3",
    content="{method}{url}{body}{timestamp}",
    timestamp_header="x-hubspot-request-timestamp",
    timestamp_unit="ms",
    tolerance=FIVE_MINUTES,
    url_decode=":/?@!$'()*,;",  # HubSpot's page on request validation lists these
)
_CLOSE = Scheme(
    mode="hmac",
    header="close-sig-hash",
    secret_decoding="hex",
    content="{timestamp}{body}",
    timestamp_header="close-sig-timestamp",
    tolerance=FIVE_MINUTES,
)
_TWENTY = Scheme(
    mode="hmac",
    header="x-twenty-webhook-signature",
    content="{timestamp}:{body}",
    timestamp_header="x-twenty-webhook-timestamp",
    timestamp_unit="ms",
    tolerance=FIVE_MINUTES,
)


def _body_hmac(header: str, encoding: str = "hex", *, prefix: str = "", digest: str = "sha256") -> Scheme:
    """The widespread kind: an HMAC over the body alone."""
    return Scheme(mode="hmac", header=header, encoding=encoding, prefix=prefix, digest=digest)


def _espo(header: str, encoding: str) -> Scheme:
    """EspoCRM: base64 of the webhook's id, a colon and the HMAC."""
    return Scheme(mode="hmac", header=header, encoding=encoding, wrapping="base64", separator=":")


_BASIC = Scheme(mode="basic", header="authorization")
_NONE = Scheme()
_BASIC_HELP = "Enter user:password here and the same user and password at the sender."
_URL_HELP = "No signature is documented. Keep the URL secret, and add user and password if the sender can."

PRESETS: dict[str, Preset] = {
    "none": Preset(
        "None (secret URL only)", _NONE, "Whoever knows the URL can post. Prefer a signature or a password."
    ),
    "standard-webhooks": Preset(
        "Standard Webhooks",
        _standard("webhook"),
        "Paste the secret that starts with whsec_. Signed GitLab hooks too.",
    ),
    "standard-webhooks-ed25519": Preset(
        "Standard Webhooks (public key)", _ASYMMETRIC, "Paste the sender's public key that starts with whpk_."
    ),
    "svix": Preset("Svix", _standard("svix"), "Paste the endpoint's secret that starts with whsec_."),
    "basic": Preset("User and password (Basic)", _BASIC, _BASIC_HELP),
    "token": Preset(
        "A fixed token in a header",
        Scheme(mode="token-equals", header="x-webhook-token"),
        "Enter the token, and the same token as the header X-Webhook-Token at the sender.",
    ),
    "activecampaign": Preset("ActiveCampaign", _NONE, _URL_HELP),
    "attio": Preset("Attio", _body_hmac("x-attio-signature"), "Paste the webhook's secret."),
    "close": Preset("Close", _CLOSE, "Paste the subscription's signature key, 64 hexadecimal digits."),
    "debtpaypro": Preset("DebtPayPro / Forth", _NONE, _URL_HELP),
    "debtpaypro-basic": Preset("DebtPayPro / Forth with user and password", _BASIC, _BASIC_HELP),
    "espocrm": Preset(
        "EspoCRM",
        _espo("signature", "hex"),
        "Paste the secret key shown when the webhook was created.",
    ),
    "espocrm-legacy": Preset(
        "EspoCRM (older header X-Signature)",
        _espo("x-signature", "raw"),
        "For releases that send X-Signature only. Paste the webhook's secret key.",
    ),
    "frappe": Preset(
        "Frappe / ERPNext",
        _body_hmac("x-frappe-webhook-signature", "base64"),
        "Tick Enable Security on the webhook and paste its secret.",
    ),
    "freshsales": Preset(
        "Freshsales",
        Scheme(mode="token-equals", header="x-webhook-token"),
        "Add the custom header X-Webhook-Token with this token to the workflow's webhook.",
    ),
    "github": Preset(
        "GitHub",
        _body_hmac("x-hub-signature-256", prefix="sha256="),
        "Paste the secret entered on the webhook.",
    ),
    "gitlab": Preset(
        "GitLab (secret token)",
        Scheme(mode="token-equals", header="x-gitlab-token"),
        "Paste the webhook's secret token. If it signs (whsec_…), choose Standard Webhooks instead.",
    ),
    "gohighlevel": Preset(
        "GoHighLevel",
        Scheme(mode="ed25519", encoding="base64", header="x-ghl-signature"),
        "Paste the Ed25519 public key that GoHighLevel publishes in its webhook guide.",
    ),
    "gohighlevel-rsa": Preset(
        "GoHighLevel (older, RSA)",
        Scheme(mode="rsa-sha256", encoding="base64", header="x-wh-signature"),
        "Paste the RSA public key that GoHighLevel publishes. The vendor has announced the end of it.",
    ),
    "hubspot-v1": Preset(
        "HubSpot v1",
        Scheme(mode="plain-hash", header="x-hubspot-signature", content="{secret}{body}"),
        "Paste the app's client secret. Nothing stops a replay in this version: prefer v3.",
    ),
    "hubspot-v2": Preset(
        "HubSpot v2",
        Scheme(mode="plain-hash", header="x-hubspot-signature", content="{secret}{method}{url}{body}"),
        "Paste the app's client secret. PUBLIC_URL must be the address HubSpot calls.",
    ),
    "hubspot-v3": Preset(
        "HubSpot v3",
        _HUBSPOT_3,
        "Paste the app's client secret. PUBLIC_URL must be the address HubSpot calls.",
    ),
    "insightly": Preset("Insightly", _BASIC, _BASIC_HELP),
    "insites-hmac": Preset(
        "Insites (signature)",
        _body_hmac("x-insites-signature"),
        "The vendor documents no header and no digest: look at a sample delivery; if they differ, choose Custom.",
    ),
    "insites-token": Preset(
        "Insites (shared secret)",
        Scheme(mode="token-equals", header="x-insites-token"),
        "The vendor documents no header: look at a sample delivery; if it differs, choose Custom.",
    ),
    "netbox": Preset(
        "NetBox", _body_hmac("x-hook-signature", digest="sha512"), "Paste the secret entered on the webhook."
    ),
    "odoo": Preset("Odoo", _NONE, _URL_HELP),
    "pipedrive": Preset("Pipedrive", _BASIC, _BASIC_HELP),
    "salesforce": Preset(
        "Salesforce outbound message",
        Scheme(mode="token-equals", body_path="<OrganizationId>"),
        "Enter the organisation's id of 18 characters. It is no secret: keep the URL secret as well.",
    ),
    "shopify": Preset(
        "Shopify", _body_hmac("x-shopify-hmac-sha256", "base64"), "Paste the app's client secret."
    ),
    "stripe": Preset("Stripe", _STRIPE, "Paste the endpoint's secret with its whsec_."),
    "twenty": Preset("Twenty", _TWENTY, "Paste the webhook's secret."),
    "woocommerce": Preset(
        "WooCommerce",
        _body_hmac("x-wc-webhook-signature", "base64"),
        "Paste the secret entered on the webhook.",
    ),
    "zoho": Preset(
        "Zoho CRM notifications",
        Scheme(mode="token-equals", body_path="token"),
        "Enter the token given when the channel was enabled.",
    ),
}
