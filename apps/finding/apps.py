from django.apps import AppConfig


class FindingConfig(AppConfig):
    name = "apps.finding"
    label = "finding"
