"""What claims say together."""

from __future__ import annotations

from rest_framework import serializers

from apps.api.serializers.releases import numbers
from apps.claims.models import Level
from apps.synthesis.balance import Balance


class IndexSerializer(serializers.Serializer):
    """From −1, all harm, to +1, all benefit."""

    mean = serializers.FloatField(help_text="The index.")
    low = serializers.FloatField(help_text="Low end of its 95 % interval.")
    high = serializers.FloatField(help_text="High end of its 95 % interval.")
    as_counted = serializers.FloatField(
        allow_null=True, help_text="Weighted share of benefit less that of harm, as it stands; null without claims."
    )


class LevelCountsSerializer(serializers.Serializer):
    """The counting claims of one level."""

    level = serializers.ChoiceField(Level.choices)
    weight = serializers.IntegerField(help_text="What a claim of the level weighs.")
    counts = numbers("Claims by outcome.")


class ShareSerializer(serializers.Serializer):
    """How many claims rest on something."""

    count = serializers.IntegerField(min_value=0)
    of = serializers.IntegerField(min_value=0, help_text="Among so many of which it is known.")
    share = serializers.FloatField(allow_null=True)


class SharesSerializer(serializers.Serializer):
    in_vitro = ShareSerializer(help_text="Shown in cells in culture alone.")
    poorly_reported = ShareSerializer(
        help_text="On preparations that report less than half of the EV-METRIC items curated."
    )
    concern = ShareSerializer(help_text="Of a study under an expression of concern.")


class WithoutSerializer(serializers.Serializer):
    """The balance without the study that moves it most."""

    study = serializers.CharField(source="study.accession")
    claims = serializers.IntegerField(help_text="Its claims in the set.")
    index = IndexSerializer()
    moves = serializers.FloatField(help_text="By how much the index changes without it.")


class BalanceSerializer(serializers.Serializer):
    """Harm against benefit over the claims that the filters leave. Claims of retracted studies stand apart.

    How it is weighed stands at `/methods/#balance`; the claims behind it are at `claims`.
    """

    claims = serializers.SerializerMethodField(help_text="Address of the claims behind it.")
    count = serializers.IntegerField(source="total", min_value=0, help_text="Claims that count.")
    studies = serializers.IntegerField(min_value=0)
    groups = serializers.IntegerField(min_value=0, help_text="Groups of studies that share no authors.")
    counts = numbers("Claims that count, by outcome.")
    levels = LevelCountsSerializer(source="rows", many=True)
    index = IndexSerializer()
    shares = SharesSerializer()
    without = WithoutSerializer(allow_null=True, help_text="Null where no study moves it, or there is but one.")
    retracted = numbers("Claims of retracted studies, by outcome; they count nowhere else.")

    def get_claims(self, _: Balance) -> str:
        return str(self.context["claims"])
