from django.apps import AppConfig


class VesiclesConfig(AppConfig):
    name = "apps.vesicles"
    label = "vesicles"
