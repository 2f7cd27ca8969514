import re
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from apps.claims.acts import ACTS, NotAllowed
from apps.claims.models import Claim
from apps.curation.deciding import WITH_REASON, do_each
from apps.people.models import User
from apps.records.models import ACCESSION

WORDS = {word.replace("_", "-"): word for word in ("submit", "accept", "request_changes", "reject", "withdraw")}


VERSION = re.compile(r"[1-9][0-9]{0,4}")


class Command(BaseCommand):
    help = (
        "Do one act of review to claims, each by itself: EXCL0000001 for the version that stands where the act begins, "
        "EXCL0000001.2 for version 2. Ends with 0 where all was done, 1 where anything was refused, 2 on a wrong call."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=list(WORDS))
        parser.add_argument("claims", nargs="+", metavar="EXCL…")
        parser.add_argument("--as", dest="name", required=True, metavar="NAME", help="the username of who decides")
        parser.add_argument("--reason", default="", help="needed for all but submit and accept")

    def handle(self, *, act: str, claims: list[str], name: str, reason: str, **options: Any) -> None:
        doing = WORDS[act]
        by = User.objects.filter(username=name).first()
        if by is None:
            raise CommandError(f"Nobody here is called {name}.", returncode=2)
        if doing in WITH_REASON and not reason.strip():
            raise CommandError(f"To {act.replace('-', ' ')} takes a reason: --reason “…”.", returncode=2)
        refused = 0
        found = []
        for given in dict.fromkeys(claims):
            try:
                found.append(version_meant(given, doing))
            except NotAllowed as fault:
                refused += 1
                self.stderr.write(f"refused  {given}: {fault}")
        for outcome in do_each(doing, claims=found, by=by, reason=reason):
            if outcome.done:
                self.stdout.write(f"done     {outcome.said}")
            else:
                refused += 1
                self.stderr.write(f"refused  {outcome.claim}: {outcome.said}")
        if refused:
            raise CommandError(f"{refused} of {len(dict.fromkeys(claims))} refused.", returncode=1)


def version_meant(given: str, act: str) -> Claim:
    """The version that is named, or the only one that stands where the act begins."""
    accession, dot, number = given.partition(".")
    if not ACCESSION.fullmatch(accession) or (dot and not VERSION.fullmatch(number)):
        raise NotAllowed("no accession of a claim, such as EXCL0000001 or EXCL0000001.2.")
    versions = list(Claim.objects.filter(accession=accession).order_by("version"))
    if dot:
        versions = [claim for claim in versions if claim.version == int(number)]
    if not versions:
        raise NotAllowed("there is no such claim.")
    fitting = [claim for claim in versions if claim.state == ACTS[act].begins] or versions[-1:]
    if len(fitting) > 1:
        named = ", ".join(f"{claim.accession}.{claim.version}" for claim in fitting)
        raise NotAllowed(f"several versions can be {ACTS[act].done}; name one: {named}.")
    return fitting[0]
