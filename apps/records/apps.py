from django.apps import AppConfig
from django.core.checks import Tags, register

from apps.records import checks


class RecordsConfig(AppConfig):
    name = "apps.records"
    label = "records"

    def ready(self) -> None:
        register(checks.application_has_a_role_of_its_own, Tags.database)
