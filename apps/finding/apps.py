from django.apps import AppConfig


class FindingConfig(AppConfig):
    default_auto_field = "django.db.models.BigAutoField"
    name = "apps.finding"
    label = "finding"
