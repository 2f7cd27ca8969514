"""No parameter is ignored: what a view does not know, it refuses, and names the nearest that it does."""

from __future__ import annotations

from collections.abc import Collection
from difflib import get_close_matches
from typing import Any

from rest_framework.exceptions import MethodNotAllowed
from rest_framework.request import Request
from rest_framework.views import APIView

from apps.api.problems import Fault, refused, shown


class KnownParameters(APIView):
    """A view that refuses query parameters that it does not know."""

    def known_parameters(self) -> Collection[str]:
        return ()

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        method = str(request.method)
        if method.lower() not in self.http_method_names or not hasattr(self, method.lower()):
            # Before its parameters: with others it would be refused all the same.
            raise MethodNotAllowed(method)
        known = self.known_parameters()
        faults = [_unknown(name, known) for name in request.query_params if name not in known]
        if faults:
            raise refused(faults)


def _unknown(name: str, known: Collection[str]) -> Fault:
    near = get_close_matches(name[:100], known, n=1, cutoff=0.5)
    if near:
        hint = f"Did you mean {near[0]}?"
    elif known:
        hint = f"There are: {', '.join(sorted(known))}."
    else:
        hint = "This address takes none."
    return {"field": shown(name), "message": f"There is no parameter {shown(name)!r} here. {hint}"}
