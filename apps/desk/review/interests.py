"""The statement of interests that a decision rests on, asked for before the first and once a year."""

from __future__ import annotations

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from apps.claims.acts import statement_of
from apps.claims.models import Interest
from apps.desk.fields import Lines
from apps.desk.review.shared import page, person

LONGEST = 5_000


class InterestForm(forms.ModelForm):
    """None, or which; and the names under which one publishes."""

    published_as = Lines(
        label="Names as an author",
        help_text="As papers print them, family name and initials (Doe J), one a line. Nobody decides on a study of "
        "their own. Leave it empty if you publish nothing.",
        required=False,
        empty=[],
        longest=200,
    )

    class Meta:
        model = Interest
        fields = ("none", "interests", "published_as")
        labels = {"none": "I have no competing interests", "interests": "My interests"}
        help_texts = {"interests": "Employers, shares, patents, grants, close colleagues."}
        widgets = {"interests": forms.Textarea(attrs={"rows": 4, "maxlength": LONGEST})}

    def clean_interests(self) -> str:
        said = str(self.cleaned_data["interests"]).strip()
        if len(said) > LONGEST:
            raise forms.ValidationError(f"At most {LONGEST:,} characters.")
        return said


@require_http_methods(["GET", "HEAD", "POST"])
def state(request: HttpRequest) -> HttpResponse:
    """Make a statement of interests, and go on to where one came from."""
    me = person(request)
    held = statement_of(me)
    onward = _onward(request)
    form = InterestForm(
        request.POST if request.method == "POST" else None, instance=Interest(person=me), initial=_as_before(held)
    )
    if request.method == "POST" and form.is_valid():
        made = form.save()
        made.refresh_from_db()
        messages.success(request, f"Your statement holds until {made.holds_until:%Y-%m-%d}.")
        return redirect(onward)
    return page(request, "desk/review_interests.html", "Statement of interests", form=form, held=held, onward=onward)


def _as_before(held: Interest | None) -> dict[str, object]:
    return {"none": held.none, "interests": held.interests, "published_as": held.published_as} if held else {}


def _onward(request: HttpRequest) -> str:
    """Where the person was led here from, if it is of this desk."""
    asked = request.POST.get("next") or request.GET.get("next") or ""
    home = reverse("admin:review")
    ours = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if ours and asked.startswith(home) else home
