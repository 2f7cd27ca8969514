"""The pages of entry: thin over what curation does."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin, messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import reverse

from apps.claims import workflow
from apps.claims.acts import NotAllowed, why_not
from apps.claims.content import content_of
from apps.claims.models import Claim
from apps.curation import entering, papers
from apps.curation.missing import gaps
from apps.desk.entry import screen
from apps.desk.entry.access import Person, at_the_desk
from apps.desk.entry.claims import SAME, ClaimForm, claim_values, meanings_of
from apps.desk.entry.forming import Editing, filled, opened
from apps.desk.entry.forms import EntryForm, PreparationForm, StudyForm, preparation_values, study_values
from apps.records.text import number
from apps.studies.models import Study
from apps.vesicles.models import Preparation


def to_screen(study: Study, anchor: str = "", saved: str = "") -> HttpResponseRedirect:
    """Back to the screen; the scripts of the page forget what they kept of the form that was saved."""
    query = f"?{urlencode({'saved': saved})}" if saved else ""
    return redirect(f"{reverse('admin:entry-study', args=[study.accession])}{query}{f'#{anchor}' if anchor else ''}")


# --- adding a study ---------------------------------------------------------------------------------------------------


@at_the_desk
def start(request: Person) -> HttpResponse:
    """One box for an identifier: to the study that has it, or to a form that is filled in."""
    typed = request.POST.get("identifier", "")
    if request.method != "POST" or not request.trusted:
        return _start(request, typed)
    identifier = papers.read_identifier(typed)
    if identifier is None:
        said = "That is no PMID, PMCID, DOI or NCT number, nor an address that holds one."
        return _start(request, typed, said if typed.strip() else "Paste or type an identifier.")
    if study := papers.known({identifier.kind: identifier.value}):
        return _known(request, study)
    looked = papers.look_up(identifier)
    if looked.paper and (study := papers.known(vars(looked.paper))):
        return _known(request, study)
    return _add_study(request, _first_values(identifier, looked, typed), looked)


def _start(request: Person, typed: str, said: str = "") -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "Add a study",
        "typed": typed,
        "said": said,
        "is_nav_sidebar_enabled": False,
    }
    return TemplateResponse(request, "desk/entry/start.html", context)


def _known(request: Person, study: Study) -> HttpResponse:
    messages.info(request, f"{study} is in ExoDB already, as {study.accession}.")
    return to_screen(study)


def _first_values(identifier: papers.Identifier, looked: papers.Looked, typed: str) -> dict[str, Any]:
    values: dict[str, Any] = {identifier.kind: identifier.value, "pages_read": [papers.page_of(identifier)]}
    if typed.strip().startswith(("http://", "https://")):
        values["pages_read"] = [typed.strip()[:1000]]
    if looked.paper:
        said = {name: value for name, value in vars(looked.paper).items() if value and name != "notices"}
        values |= said | {"authors": list(looked.paper.authors)}
    return values


@at_the_desk
def add_study(request: Person) -> HttpResponse:
    """The form of a new study: empty, or as it was sent."""
    return _add_study(request, {})


def _add_study(request: Person, values: dict[str, Any], looked: papers.Looked | None = None) -> HttpResponse:
    def save(form: EntryForm, _: str) -> Study:
        return entering.add_study(values=form.values, by=request.user)  # type: ignore[attr-defined]

    editing = Editing("study", "New study", StudyForm, lambda: (values, ""), save)
    address = reverse("admin:entry-study-add")
    # The box was sent, not the form, where somebody was asked.
    page = opened(request, editing, address) if looked else filled(request, editing)
    if page.saved:
        messages.success(request, f"{page.saved.accession} is entered. What did it make?")
        where = reverse("admin:entry-preparation-add", args=[page.saved.accession])
        return redirect(f"{where}?{urlencode({'saved': page.key})}#form")
    context = {
        **admin.site.each_context(request),
        "title": "New study",
        "editing": editing,
        "page": page,
        "form": page.form,
        "looked": looked,
        "action": address,
        "is_nav_sidebar_enabled": False,
    }
    return TemplateResponse(request, "desk/entry/add_study.html", context)


# --- the screen and its forms -----------------------------------------------------------------------------------------


@at_the_desk
def study(request: Person, accession: str) -> HttpResponse:
    return screen.render(request, _study(accession))


@at_the_desk
def study_facts(request: Person, accession: str) -> HttpResponse:
    """The bibliographic facts of the study, open."""
    known = _study(accession)
    if said := entering.why_closed(known, request.user):
        messages.warning(request, said)
        return to_screen(known, "study")

    def now() -> tuple[dict[str, Any], str]:
        current = _study(accession)
        return study_values(current), entering.digest_of_study(current)

    def make(**options: Any) -> EntryForm:
        return StudyForm(study=known, **options)

    def save(form: EntryForm, seen: str) -> Study:
        return entering.change_study(
            study_id=known.pk,
            values=form.values,  # type: ignore[attr-defined]
            seen=seen,
            by=request.user,
            reason=form.cleaned_data["why"],
        )

    return _form(request, known, Editing("study", "The study", make, now, save, known), anchor="study")


@at_the_desk
def preparation(request: Person, accession: str, made: str = "") -> HttpResponse:
    """A preparation of the study, open: a new one, or one that is there."""
    known = _study(accession)
    record = get_object_or_404(Preparation, accession=made, study=known) if made else None
    if record and (said := entering.why_closed(record, request.user)):
        messages.warning(request, said)
        return to_screen(known, record.accession)

    def now() -> tuple[dict[str, Any], str]:
        if record is None:
            return {}, ""
        current = Preparation.objects.select_related("source").get(pk=record.pk)
        return preparation_values(current), entering.digest_of_preparation(current)

    def make(**options: Any) -> EntryForm:
        return PreparationForm(made=record, **options)

    def save(form: EntryForm, seen: str) -> Preparation:
        assert isinstance(form, PreparationForm)  # noqa: S101 - made above
        said: dict[str, Any] = {"values": form.values, "source": form.described, "by": request.user}
        if record is None:
            return entering.add_preparation(study_id=known.pk, **said)
        return entering.change_preparation(preparation_id=record.pk, seen=seen, reason=form.cleaned_data["why"], **said)

    title = f"Preparation {record.key}" if record else "New preparation"
    return _form(request, known, Editing("preparation", title, make, now, save, record))


@at_the_desk
def claim(request: Person, accession: str, claim: str = "", version: int = 0) -> HttpResponse:
    """A claim of the study, open: a new one, maybe like another, or a draft of one's own."""
    known = _study(accession)
    record = _claim(request, known, claim, version) if claim else None
    if record and (said := why_not("edit", record, request.user)):
        messages.warning(request, said)
        return to_screen(known, record.accession)
    preparations = screen.preparations_of(known)
    if not preparations:
        messages.info(request, "A claim is about a preparation: enter that first.")
        return redirect(f"{reverse('admin:entry-preparation-add', args=[accession])}#form")
    like = _like(request, known, request.GET.get("like", "")) if record is None else None

    def now() -> tuple[dict[str, Any], str]:
        if record is None:
            return _similar(like), ""
        current = _claim(request, known, record.accession, record.version)
        return claim_values(current), content_of(current).digest

    def make(**options: Any) -> EntryForm:
        form = ClaimForm(preparations=preparations, claim=record, **options)
        if source := record or like:
            form.know(meanings_of(source))
        return form

    def save(form: EntryForm, seen: str) -> Claim:
        assert isinstance(form, ClaimForm)  # noqa: S101 - made above
        why = form.cleaned_data.get("why", "")
        return entering.write_claim(entered=form.entered, by=request.user, claim=record, seen=seen, reason=why)

    title = f"Claim {record.accession}, version {record.version}" if record else "New claim"
    similar = f"{like.accession}: {like.statement}" if like else ""
    return _form(request, known, Editing("claim", title, make, now, save, record, similar))


def _form(request: Person, known: Study, editing: Editing, anchor: str = "") -> HttpResponse:
    """The screen with the form open; when it was saved, wherever the button leads."""
    page = filled(request, editing)
    if page.saved is None:
        return screen.render(request, known, editing, page)
    messages.success(request, f"Saved: {page.saved.accession}.")
    if editing.part == "preparation" and "_claim" in request.POST:
        return _to("admin:entry-claim-add", known, page.key)
    if editing.part == "claim" and "_similar" in request.POST:
        return _to("admin:entry-claim-add", known, page.key, like=str(page.saved.pk))
    if editing.part == "claim" and "_submit" in request.POST:
        return _hand_in(request, known, _claim(request, known, page.saved.accession, page.saved.version), page.key)
    return to_screen(known, anchor or page.saved.accession, page.key)


def _to(name: str, known: Study, saved: str, **query: str) -> HttpResponseRedirect:
    return redirect(f"{reverse(name, args=[known.accession])}?{urlencode({**query, 'saved': saved})}#form")


def _hand_in(request: Person, known: Study, draft: Claim, saved: str) -> HttpResponse:
    """Submit at once where nothing is missing; else show what is, first."""
    where = reverse("admin:entry-submit", args=[known.accession, draft.accession, draft.version])
    if gaps(draft):
        return redirect(f"{where}?{urlencode({'saved': saved})}")
    try:
        workflow.submit(claim_id=draft.pk, by=request.user)
    except NotAllowed as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, f"{draft.accession} is handed in for review.")
    return to_screen(known, draft.accession, saved)


# --- acts on a claim --------------------------------------------------------------------------------------------------

ACTS: Mapping[str, tuple[str, str, str]] = {
    "submit": ("Submit for review", "handed in for review", ""),
    "take_back": ("Take back", "taken back: it is a draft again", ""),
    "discard": ("Discard the draft", "discarded; its history is kept", ""),
    "give_up": ("Give the draft up", "given up; it is kept as rejected, with your reason", "needed"),
    "revise": ("Begin a revision", "open as a new version; the public text stays meanwhile", "needed"),
}


@at_the_desk
def act(request: Person, accession: str, claim: str, version: int, act: str) -> HttpResponse:
    """One act on one claim, with what speaks against it, and then done."""
    known = _study(accession)
    record = _claim(request, known, claim, version)
    label, done, reason_needed = ACTS[act]
    said = why_not(act, record, request.user)
    reason = request.POST.get("reason", "")
    if request.method == "POST" and request.trusted and not said:
        try:
            result = _do(act, record, request.user, reason)
        except NotAllowed as refusal:
            said = str(refusal)
        else:
            messages.success(request, f"{record.accession} is {done}.")
            if act == "revise":
                where = reverse("admin:entry-claim", args=[accession, result.accession, result.version])
                return redirect(f"{where}#form")
            return to_screen(known, record.accession)
    context = {
        **admin.site.each_context(request),
        "title": f"{label}: {record.accession}",
        "study": known,
        "card": screen.card(record, request.user),
        "act": act,
        "label": label,
        "said": said,
        "reason": reason,
        "reason_needed": reason_needed,
        "is_nav_sidebar_enabled": False,
    }
    return TemplateResponse(request, "desk/entry/act.html", context, status=409 if said else 200)


def _do(act: str, record: Claim, by: Any, reason: str) -> Any:
    match act:
        case "submit":
            return workflow.submit(claim_id=record.pk, by=by, reason=reason)
        case "take_back":
            return workflow.take_back(claim_id=record.pk, by=by, reason=reason)
        case "discard":
            return workflow.discard(claim_id=record.pk, by=by, reason=reason)
        case "give_up":
            return workflow.give_up(claim_id=record.pk, by=by, reason=reason)
        case _:
            return workflow.revise(accession=record.accession, by=by, reason=reason)


# --- finding ----------------------------------------------------------------------------------------------------------


def _study(accession: str) -> Study:
    return get_object_or_404(Study, accession=accession)


def _claim(request: Person, known: Study, accession: str, version: int) -> Claim:
    readable = Claim.objects.readable_by(request.user).for_record()
    claims = readable.select_related("author", "disease", "recipient", "preparation__study")
    found = claims.filter(preparation__study=known, accession=accession, version=version).first()
    if found is None:
        raise Http404(f"{accession} has no version {version} in {known.accession}.")
    return found


def _like(request: Person, known: Study, like: str) -> Claim | None:
    claims = Claim.objects.readable_by(request.user).for_record().select_related("disease", "recipient")
    return claims.filter(preparation__study=known, pk=number(like)).first()


def _similar(like: Claim | None) -> dict[str, Any]:
    """What a similar claim has in common with the one before."""
    return {name: value for name, value in claim_values(like).items() if name in SAME} if like else {}
