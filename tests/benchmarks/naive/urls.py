"""The one address."""

from django.urls import path

from tests.benchmarks.naive.views import Ingest

urlpatterns = [path("in/", Ingest.as_view())]
