"""The ingest as the tutorial writes it."""

from django_q.tasks import async_task
from rest_framework.generics import CreateAPIView
from rest_framework.serializers import BaseSerializer, ModelSerializer

from tests.benchmarks.naive.models import Event


class EventSerializer(ModelSerializer[Event]):
    class Meta:
        model = Event
        fields = ("id", "changes", "snapshot", "created_at")


class Ingest(CreateAPIView[Event]):
    """Stores an event and enqueues a task for it."""

    queryset = Event.objects.all()
    serializer_class = EventSerializer

    def perform_create(self, serializer: BaseSerializer[Event]) -> None:
        """Called by DRF."""
        event = serializer.save()
        async_task("tests.benchmarks.naive.tasks.handle", event.pk)
