"""What claims say together."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers
from rest_framework.reverse import reverse

from apps.api.serializers.releases import numbers
from apps.claims.models import Claim, Level
from apps.synthesis.balance import Balance
from apps.synthesis.meta import Analysis
from apps.synthesis.models import Contradiction
from apps.synthesis.questions import Stance
from apps.synthesis.showing import Shown


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


class ContradictionSerializer(serializers.ModelSerializer[Contradiction]):
    """Claims of different studies that say opposite things on one question."""

    url = serializers.HyperlinkedIdentityField(view_name="api:contradiction-detail", lookup_field="slug")
    cargo = serializers.CharField(
        source="cargo.accession", read_only=True, allow_null=True, default=None, help_text="Where it is about one."
    )
    curie = serializers.CharField(help_text="Term of the disease; empty where it is named as written, or is any.")
    stale = serializers.BooleanField(
        source="is_stale", read_only=True, help_text="Whether something changed that is being looked at still."
    )

    class Meta:
        model = Contradiction
        fields = (
            *("slug", "url", "subject_kind", "subject", "cargo", "question", "disease", "curie", "claims", "groups"),
            *("strength", "closeness", "rank", "stale"),
        )
        read_only_fields = fields


class SideSerializer(serializers.Serializer):
    """One side, by the claims that count now."""

    stance = serializers.ChoiceField(Stance.choices)
    count = serializers.IntegerField(source="total", min_value=0)
    claims = serializers.SerializerMethodField(help_text="Accessions, the strongest first; at most 50.")

    def get_claims(self, side: Any) -> list[str]:
        claims: list[Claim] = side.claims
        return [claim.accession for claim in claims]


class SettingSerializer(serializers.Serializer):
    """One setting, and what each side has of it, in the order of the sides."""

    title = serializers.CharField()
    sides = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    differs = serializers.BooleanField()


class OneContradictionSerializer(ContradictionSerializer):
    """A contradiction with its sides as they stand now, and what differs between them."""

    stands = serializers.SerializerMethodField(help_text="Whether opposite sides are taken by claims that count now.")
    sides = serializers.SerializerMethodField()
    settings = serializers.SerializerMethodField(help_text="What was compared; what differs stands first.")

    class Meta(ContradictionSerializer.Meta):
        fields = (*ContradictionSerializer.Meta.fields, "stands", "sides", "settings")  # type: ignore[assignment]
        read_only_fields = fields  # type: ignore[assignment]

    @property
    def _shown(self) -> Shown:
        shown: Shown = self.context["shown"]
        return shown

    def get_stands(self, _: Contradiction) -> bool:
        return self._shown.stands

    @extend_schema_field(SideSerializer(many=True))
    def get_sides(self, _: Contradiction) -> Any:
        return SideSerializer(self._shown.sides, many=True).data

    @extend_schema_field(SettingSerializer(many=True))
    def get_settings(self, _: Contradiction) -> Any:
        return SettingSerializer(self._shown.settings, many=True).data


class QuestionSerializer(serializers.Serializer):
    """What numbers have in common that can be pooled."""

    measure = serializers.CharField()
    cargo = serializers.CharField(help_text="Accession of the marker.")
    marker = serializers.CharField()
    curie = serializers.CharField(help_text="Term of the disease; empty where it has none.")
    disease = serializers.CharField()
    fluid = serializers.CharField(help_text="What it was measured in; plasma and serum are blood.")
    comparison = serializers.CharField(help_text="Whom cases were told from; for ratios the end point.")


class AnalysisSerializer(serializers.Serializer):
    """A question, and how many studies have a number on it."""

    slug = serializers.CharField(source="question.slug")
    url = serializers.SerializerMethodField(help_text="Address of the whole.")
    question = QuestionSerializer()
    studies = serializers.SerializerMethodField(help_text="With a number that can be pooled, one a study.")
    refused = serializers.SerializerMethodField(help_text="Numbers that can't be pooled.")

    def get_url(self, analysis: Analysis) -> str:
        return str(reverse("api:meta-analysis", args=[analysis.question.slug], request=self.context["request"]))

    def get_studies(self, analysis: Analysis) -> int:
        return len(analysis.entries)

    def get_refused(self, analysis: Analysis) -> int:
        return len(analysis.refused)


class AnalysesSerializer(serializers.Serializer):
    """A page of questions."""

    count = serializers.IntegerField(min_value=0)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    results = AnalysisSerializer(many=True)


class PooledSerializer(serializers.Serializer):
    """Random effects by REML; interval after Hartung and Knapp. On the scale: logit of an AUC, log of a ratio."""

    k = serializers.IntegerField(help_text="Studies.")
    estimate = serializers.FloatField()
    se = serializers.FloatField()
    low = serializers.FloatField(help_text="95 % interval of the mean.")
    high = serializers.FloatField()
    prediction = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="95 % interval of one more study like these."
    )
    tau2 = serializers.FloatField()
    i2 = serializers.FloatField()
    q = serializers.FloatField()
    q_p = serializers.FloatField()


class AccuracySerializer(serializers.Serializer):
    """Bivariate model: each as estimate, low and high end of its 95 % interval."""

    k = serializers.IntegerField(help_text="Studies.")
    sensitivity = serializers.ListField(child=serializers.FloatField())
    specificity = serializers.ListField(child=serializers.FloatField())


class EntrySerializer(serializers.Serializer):
    """A number that can be pooled."""

    claim = serializers.CharField(source="number.claim.accession")
    study = serializers.CharField(source="number.study.accession")
    value = serializers.FloatField(source="effect.value", default=None, help_text="On the scale; null for pairs.")
    variance = serializers.FloatField(source="effect.variance", default=None)
    cases = serializers.IntegerField(allow_null=True, help_text="Of pairs.")
    controls = serializers.IntegerField(allow_null=True)


class RefusedSerializer(serializers.Serializer):
    """A number that can't, and why."""

    claim = serializers.CharField(source="number.claim.accession")
    study = serializers.CharField(source="number.study.accession")
    reason = serializers.CharField()


class WithoutOneSerializer(serializers.Serializer):
    """What the others come to without one."""

    study = serializers.CharField()
    pooled = PooledSerializer()


class OneAnalysisSerializer(serializers.Serializer):
    """The numbers on one question: what they come to, what it rests on, and what is left out."""

    slug = serializers.CharField(source="question.slug")
    question = QuestionSerializer()
    pooled = PooledSerializer(allow_null=True, help_text="From two studies on.")
    accuracy = AccuracySerializer(allow_null=True, help_text="Of sensitivity with specificity, from four studies on.")
    entries = EntrySerializer(many=True)
    refused = RefusedSerializer(many=True)
    without = serializers.SerializerMethodField(help_text="From three studies on.")

    @extend_schema_field(WithoutOneSerializer(many=True))
    def get_without(self, analysis: Analysis) -> Any:
        rows = [{"study": left.number.study.accession, "pooled": pooled} for left, pooled in analysis.without]
        return WithoutOneSerializer(rows, many=True).data
