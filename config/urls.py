"""Every address the application answers at; ingest requests are met before, by `config.middleware.IngestFirst`."""

from django.contrib import admin
from django.urls import path
from django.views.generic import RedirectView

from automations.certificate_page import verify
from automations.hubs import PATH
from automations.views import hand_out
from config.health import health
from webhooks_in.views import ingest

urlpatterns = [
    path("", RedirectView.as_view(url="/admin/")),
    path("in/<str:token>/", ingest, name="ingest"),
    path(PATH.lstrip("/"), hand_out, name="hub_documents"),
    path("certificates/<str:code>/", verify, name="certificate"),
    path("health/", health, name="health"),
    path("admin/", admin.site.urls),
]
