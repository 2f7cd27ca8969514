"""Makers of visibly made-up evidence: each builds what a test does not speak of.

Everything here is synthetic and says so. Nothing of it may reach a release or the default database.
"""

from __future__ import annotations

from datetime import date
from itertools import count
from time import time
from typing import Any

from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.test import Client
from django.utils import timezone

from apps.accounts.sessions import SEEN
from apps.claims.levels import assess
from apps.claims.models import (
    Claim,
    ClaimTarget,
    ClaimTherapy,
    Decision,
    Interest,
    Measure,
    Release,
    State,
    Verdict,
)
from apps.curation import merging
from apps.curation.models import Merge
from apps.people.models import Role, User
from apps.studies.models import Notice, Study
from apps.terms.models import Name, Term, TermAncestor
from apps.vesicles.models import Cargo, Preparation, VesicleSource

_numbers = count(1)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def a_user(username: str = "alice", role: str = Role.CURATOR, **fields: Any) -> User:
    found = User.objects.filter(username=username).first()
    return found or User.objects.create_user(username, role=role, **fields)


def signed_in(client: Client, user: User) -> Client:
    """The client, signed in as this person all the way: password, and second factor in this session."""
    client.force_login(user)
    app = (
        Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).first()
        or TOTP.activate(user, SECRET).instance
    )
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "type": "totp", "id": app.pk, "at": time()}]
    session["account_authentication_methods_user"] = str(user.pk)
    # Else the first page would write it, and count as three questions more.
    session[SEEN] = int(time())
    session.save()
    return client


def a_code(secret: str = SECRET, later: int = 0) -> str:
    """What an authenticator app shows for the secret, now or so many periods later."""
    return format_hotp_value(hotp_value(secret, int(time()) // 30 + later))


def a_term(curie: str, label: str, vocabulary: str = "disease", parents: tuple[Term, ...] = ()) -> Term:
    """A term with its place in the tree, closure included."""
    term, made = Term.objects.get_or_create(
        curie=curie, defaults={"label": label, "vocabulary": vocabulary, "key": label.casefold()}
    )
    if made:
        distances = {term.pk: 0}
        for parent in parents:
            term.parents.add(parent)
            for step in parent.lineage.all():
                distances[step.ancestor_id] = min(distances.get(step.ancestor_id, 99), step.distance + 1)
        TermAncestor.objects.bulk_create(
            TermAncestor(term=term, ancestor_id=above, distance=distance) for above, distance in distances.items()
        )
    return term


def a_name(kind: str = "disease", text: str = "synthetic disease", terms: tuple[Term, ...] = ()) -> Name:
    grounded = {"grounding": "grounded", "relation": "exact"} if terms else {"grounding": "unknown"}
    name, made = Name.objects.get_or_create(kind=kind, text=text, defaults={"key": text.casefold(), **grounded})
    if made:
        name.terms.set(terms)
    return name


def a_study(**fields: Any) -> Study:
    number = next(_numbers)
    status = fields.pop("status", "published")
    study = Study.objects.create(
        **{
            "kind": "primary",
            "title": f"Synthetic study {number}",
            "journal": "Journal of Synthetic Results",
            "year": 2020,
            "authors": ["Doe J", "Roe R"],
            "pmid": str(900_000_000 + number),
            "depth": "abstract",
            "curated_on": date(2026, 11, 1),
            "pages_read": ["https://example.org/synthetic"],
            **fields,
        }
    )
    nature = {"retracted": "retraction", "concern": "concern", "corrected": "correction"}.get(status)
    if nature:
        a_notice(study=study, nature=nature)
        study.refresh_from_db()
    return study


def a_notice(*, study: Study, nature: str = "retraction", **fields: Any) -> Notice:
    day = date(2026, 11, 1)
    return Notice.objects.create(
        study=study, nature=nature, **{"service": "curation", "first_seen": day, "last_seen": day, **fields}
    )


def a_source(**fields: Any) -> VesicleSource:
    fields.setdefault("species", a_name("species", "Homo sapiens"))
    return VesicleSource.objects.create(
        **{
            "name": f"synthetic source {next(_numbers)}",
            "category": "mesenchymal_stem_cell",
            "material": "primary_culture",
            **fields,
        }
    )


def a_preparation(**fields: Any) -> Preparation:
    fields.setdefault("study", None)
    fields["study"] = fields["study"] or a_study()
    fields.setdefault("source", None)
    fields["source"] = fields["source"] or a_source()
    return Preparation.objects.create(**{"key": f"p{next(_numbers)}", "term": "exosome", "engineered": False, **fields})


def a_cargo(name: str = "miR-21", kind: str = "miRNA", **fields: Any) -> Cargo:
    found = Cargo.objects.filter(kind=kind, name=name).first()
    return found or Cargo.objects.create(kind=kind, name=name, **fields)


def a_release(number: str = "2026.1") -> Release:
    release, _ = Release.objects.get_or_create(
        number=number, defaults={"title": "Synthetic release", "released_on": date(2026, 11, 1)}
    )
    return release


def a_claim(
    *,
    state: str = State.ACCEPTED,
    therapies: tuple[str | Name, ...] = (),
    targets: tuple[str | Name, ...] = (),
    measures: tuple[dict[str, Any], ...] = (),
    **fields: Any,
) -> Claim:
    """A claim in the given state, walked there through the legal transitions."""
    fields.setdefault("preparation", None)
    fields["preparation"] = fields["preparation"] or a_preparation()
    fields.setdefault("author", None)
    fields["author"] = fields["author"] or a_user("alice")
    if isinstance(fields.get("disease", "synthetic disease"), str):
        fields["disease"] = a_name("disease", fields.get("disease", "synthetic disease"))
    fields.setdefault("models_used", ["in_vitro"])
    level = assess(
        models=fields["models_used"],
        study_kind=fields["preparation"].study.kind,
        validation=fields.get("validation", "not_curated"),
    )
    claim = Claim.objects.create(
        **{
            "key": f"c{next(_numbers)}",
            "aspect": "tumour_growth",
            "effect": "promotes",
            "outcome": "growth in a made-up experiment",
            "edge": "harm",
            "statement": "Synthetic vesicles made synthetic cells grow; this claim is made up for a test.",
            "locator": "abstract",
            "level_computed": level.level,
            "level_reason": level.reason,
            **fields,
        }
    )
    for link, kind, names in ((ClaimTherapy, "therapy", therapies), (ClaimTarget, "target", targets)):
        for position, name in enumerate(names):
            link.objects.create(
                claim=claim, position=position, name=a_name(kind, name) if isinstance(name, str) else name
            )
    for position, measure in enumerate(measures):
        Measure.objects.create(claim=claim, position=position, **measure)
    return walked_to(state, claim)


def an_interest(person: User | None = None, **fields: Any) -> Interest:
    """A statement of interests that holds."""
    person = person or a_user("bob")
    found = Interest.objects.holding(person, timezone.now()).first() if not fields else None
    return found or Interest.objects.create(person=person, **{"none": True, **fields})


def a_decision(*, claim: Claim, by: User | None = None, verdict: str = Verdict.ACCEPTED, **fields: Any) -> Decision:
    by = by or a_user("bob")
    fields.setdefault("reason", "" if verdict == Verdict.ACCEPTED else "synthetic reason")
    return Decision.objects.create(claim=claim, by=by, verdict=verdict, interest=an_interest(by), **fields)


def walked_to(state: str, claim: Claim) -> Claim:
    """Take a draft to the state by legal steps; bob reviews."""
    way = {
        State.DRAFT: (),
        State.SUBMITTED: (State.SUBMITTED,),
        State.ACCEPTED: (State.SUBMITTED, State.ACCEPTED),
        State.REJECTED: (State.SUBMITTED, State.REJECTED),
        State.WITHDRAWN: (State.SUBMITTED, State.ACCEPTED, State.WITHDRAWN),
        State.SUPERSEDED: (State.SUBMITTED, State.ACCEPTED, State.SUPERSEDED),
    }[State(state)]
    for step in way:
        claim.state = step
        if step == State.ACCEPTED:
            claim.accepted_at, claim.accepted_by = timezone.now(), a_user("bob")
            a_decision(claim=claim)
        if step in (State.WITHDRAWN, State.SUPERSEDED):
            claim.left_at = timezone.now()
        if step in (State.REJECTED, State.WITHDRAWN):
            claim.state_reason = "synthetic reason"
        claim.save()
    return claim


def a_merge(gone: Any, into: Any) -> Merge:
    """Two records made one, by erin."""
    for record in (gone, into):
        record.refresh_from_db()
    erin = a_user("erin", role=Role.EDITOR)
    return merging.merge(gone=gone.accession, into=into.accession, by=erin, reason="synthetic reason")
