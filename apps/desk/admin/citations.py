"""The services: how often they are asked, how their runs go, and what they reported that an editor should see."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.views.decorators.http import require_POST

from apps.citations.asking_now import ask_now
from apps.citations.models import Alert, Feed, RefreshRun
from apps.citations.services import name_of
from apps.citations.verdicts import NotAllowed, mark_seen
from apps.desk.admin.shared import ReadOnly, ToDoFirst
from apps.desk.kept import HistoryAdmin


def asked_now(page: admin.ModelAdmin, request: HttpRequest, **wanted: list[Any]) -> None:
    """Have services asked, and tell the person what will happen."""

    def unheard(why: str) -> None:
        page.message_user(request, why, messages.WARNING)

    try:
        asked = ask_now(by=request.user, unheard=unheard, **wanted)  # type: ignore[arg-type]
    except NotAllowed as problem:
        page.message_user(request, str(problem), messages.ERROR)
    else:
        page.message_user(request, str(asked), messages.SUCCESS)


@admin.register(Feed)
class FeedAdmin(admin.ModelAdmin):
    """Which services are asked, and how often."""

    list_display = (
        *("name", "enabled", "young_every", "old_every", "daily_budget"),
        *("paused_until", "failures", "last_success", "short_message"),
    )
    list_display_links = ("name",)
    list_editable = ("enabled", "young_every", "old_every", "daily_budget")
    readonly_fields = ("service", "failures", "last_success", "last_failure", "last_message")
    fieldsets = (
        (None, {"fields": ("service", "enabled", ("young_every", "old_every"), "daily_budget", "paused_until")}),
        ("How it has been answering", {"fields": ("failures", "last_success", "last_failure", "last_message")}),
    )
    actions = ("ask_all_now",)

    def has_add_permission(self, *_: Any) -> bool:
        return False

    def has_delete_permission(self, *_: Any) -> bool:
        return False

    @admin.display(description="service", ordering="service")
    def name(self, feed: Feed) -> str:
        return name_of(feed.service)

    @admin.display(description="last message")
    def short_message(self, feed: Feed) -> str:
        return Truncator(feed.last_message).chars(90)

    @admin.action(description="Ask about all studies now", permissions=["change"])
    def ask_all_now(self, request: HttpRequest, feeds: QuerySet[Feed]) -> None:
        asked_now(self, request, services=list(feeds.values_list("pk", flat=True)))


@admin.register(RefreshRun)
class RefreshRunAdmin(ReadOnly, admin.ModelAdmin):
    """How each run went, and how far those have come that are going on."""

    list_display = (
        *("started_at", "feed", "state", "progress", "outcomes", "requests"),
        *("duration", "asked_by", "short_message"),
    )
    list_filter = ("feed", "state", "asked_by")
    date_hierarchy = "started_at"
    show_full_result_count = False
    list_per_page = 50

    @admin.display(description="progress")
    def progress(self, run: RefreshRun) -> SafeString:
        """A bar while it runs; what it came to afterwards."""
        if run.state != RefreshRun.State.RUNNING:
            return format_html("{} of {}", run.answered, run.wanted)
        return format_html(
            '<progress max="{}" value="{}" aria-label="{} of {}"></progress> {} of {}',
            *(max(run.wanted, 1), run.answered) + (run.answered, run.wanted) * 2,
        )

    @admin.display(description="ended")
    def outcomes(self, run: RefreshRun) -> str:
        return f"{run.found} found, {run.absent} absent, {run.not_known} not known"

    @admin.display(description="took")
    def duration(self, run: RefreshRun) -> str:
        if run.seconds is None:
            return "still running"
        minutes, seconds = divmod(round(run.seconds), 60)
        return f"{minutes} min {seconds} s" if minutes else f"{run.seconds:.1f} s"

    @admin.display(description="message")
    def short_message(self, run: RefreshRun) -> str:
        return Truncator(run.message).chars(120)


class Unseen(ToDoFirst):
    """The alerts that nobody has looked at come first; all are shown when asked for."""

    title = "seen"

    def lookups(self, *_: Any) -> list[tuple[str, str]]:
        return [("yes", "Not seen yet"), ("all", "All")]


@admin.register(Alert)
class AlertAdmin(ReadOnly, HistoryAdmin):
    """What an editor should look at: each alert is seen with one click, or leads to a verdict on its notice."""

    list_display = ("what", "study", "seen", "verdict", "reporter", "reason", "standing", "raised_at")
    list_display_links = ("what",)
    list_filter = (Unseen, "notice__nature", "notice__service")
    list_select_related = ("notice__study", "seen_by")
    search_fields = ("notice__study__accession", "notice__study__title", "notice__identifier")
    ordering = (F("seen_at").asc(nulls_first=True), "-raised_at", "-pk")
    show_full_result_count = False
    list_per_page = 50
    actions = ("seen_all",)

    def get_list_display(self, request: HttpRequest) -> Any:
        """Whoever decides nothing gets no buttons."""
        if self.has_decide_permission(request):
            return self.list_display
        return [{"seen": "seen_by"}.get(str(each), each) for each in self.list_display if each != "verdict"]

    def get_urls(self) -> list[URLPattern]:
        seen = path("<int:pk>/seen/", self.admin_site.admin_view(require_POST(self.see)), name="citations_alert_seen")
        return [seen, *super().get_urls()]

    def has_decide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("citations.change_alert")

    def see(self, request: HttpRequest, pk: int) -> HttpResponse:
        """One alert is seen; back to where the click came from."""
        alert = get_object_or_404(Alert, pk=pk)
        self._mark(request, [alert.pk])
        return HttpResponseRedirect(f"{reverse('admin:citations_alert_changelist')}?{request.GET.urlencode()}")

    @admin.action(description="Mark as seen", permissions=["decide"])
    def seen_all(self, request: HttpRequest, alerts: QuerySet[Alert]) -> None:
        self._mark(request, list(alerts.values_list("pk", flat=True)))

    def _mark(self, request: HttpRequest, alerts: list[int]) -> None:
        try:
            number = mark_seen(alert_ids=alerts, by=request.user)  # type: ignore[arg-type]
        except NotAllowed as problem:
            self.message_user(request, str(problem), messages.ERROR)
        else:
            self.message_user(request, f"{number} marked as seen.", messages.SUCCESS)

    @admin.display(description="notice", ordering="notice__nature")
    def what(self, alert: Alert) -> str:
        return str(alert.notice.get_nature_display())

    @admin.display(description="study", ordering="notice__study__accession")
    def study(self, alert: Alert) -> SafeString:
        study = alert.notice.study
        address = reverse("admin:studies_study_change", args=[study.pk])
        return format_html('<a href="{}">{}</a> {}', address, study, study.accession)

    @admin.display(description="reported by", ordering="notice__service")
    def reporter(self, alert: Alert) -> str:
        return name_of(alert.notice.service)

    @admin.display(description="reason")
    def reason(self, alert: Alert) -> str:
        return Truncator(alert.notice.reason or "not stated").chars(90)

    @admin.display(description="study stands as")
    def standing(self, alert: Alert) -> str:
        return str(alert.notice.study.get_status_display())

    @admin.display(description="seen")
    def seen(self, alert: Alert) -> SafeString:
        """By whom and when; a button where by nobody yet. It is part of the list's own form."""
        if alert.seen_at:
            return format_html("{}, {}", alert.seen_by, f"{alert.seen_at:%Y-%m-%d}")
        address = reverse("admin:citations_alert_seen", args=[alert.pk])
        return format_html(
            '<button type="submit" class="button" formaction="{}" aria-label="Seen: {}">Seen</button>',
            *(address, alert),
        )

    @admin.display(description="verdict")
    def verdict(self, alert: Alert) -> SafeString:
        address = reverse("admin:studies_notice_change", args=[alert.notice_id])
        if alert.notice.overruled_at:
            return format_html('<a href="{}">ruled wrong</a>', address)
        return format_html('<a href="{}#id_overruled_reason">Rule it wrong…</a>', address)
