"""The look of the admin: its name and colours; functions are named by their paths, as nothing is loaded yet."""

from django.templatetags.static import static

# Dark enough at 600 for white text (WCAG AA).
PRIMARY = {
    "50": "oklch(98.4% .014 180.7)",
    "100": "oklch(95.3% .051 180.8)",
    "200": "oklch(91% .096 180.4)",
    "300": "oklch(85.5% .138 181.1)",
    "400": "oklch(70.4% .14 182.5)",
    "500": "oklch(60% .118 184.7)",
    "600": "oklch(51.1% .096 186.4)",
    "700": "oklch(43.7% .078 188.2)",
    "800": "oklch(38.6% .063 188.4)",
    "900": "oklch(33% .054 190)",
    "950": "oklch(27.7% .046 192.5)",
}

UNFOLD = {
    "SITE_TITLE": "Fieldhook",
    "SITE_HEADER": "Fieldhook",
    "SITE_SUBHEADER": "Webhook hub",
    "SITE_SYMBOL": "webhook",
    "SITE_URL": None,
    "SITE_FAVICONS": [{"rel": "icon", "type": "image/svg+xml", "href": lambda _: static("fieldhook.svg")}],
    "SHOW_VIEW_ON_SITE": False,
    "ENVIRONMENT": "config.menu.environment",
    "DASHBOARD_CALLBACK": "config.dashboard.overview",
    "STYLES": [lambda _: static("fieldhook.css"), lambda _: static("stories.css")],
    "SCRIPTS": [lambda _: static("fieldhook.js")],
    "COLORS": {"primary": PRIMARY},
    "SIDEBAR": {"navigation": "config.menu.navigation"},
}
