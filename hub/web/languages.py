"""In which language a caller is told what went wrong."""

import re

from aiohttp import web

from hub.domain.texts import LANGUAGES, Language


def accepted_language(request: web.Request, default: Language) -> Language:
    """The first of our languages that the caller accepts, whatever the region."""
    for accepted in re.findall(r"(?:^|,)\s*([a-z]+)", request.headers.get("Accept-Language", "").lower()):
        for known in LANGUAGES:
            if accepted == known:
                return known
    return default
