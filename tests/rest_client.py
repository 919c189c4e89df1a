"""A client of the REST API for tests."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import aiohttp
from multidict import CIMultiDictProxy

from hub.domain.identifiers import Ssin


class RestAnswer(NamedTuple):
    """What came back."""

    status: int
    content: Any
    headers: CIMultiDictProxy[str]


@dataclass(frozen=True)
class RestClient:
    """Asks as the holder of a token, about a patient."""

    session: aiohttp.ClientSession
    url: str
    token: str
    patient: Ssin

    async def ask(
        self, method: str, path: str, content: object = None, *, headers: dict[str, str] | None = None, **query: Any
    ) -> RestAnswer:
        """Any request; `content` is sent as JSON, bytes as they are. A header that is "" is left out."""
        own = {"Authorization": f"Bearer {self.token}", "Patient": self.patient.digits} | (headers or {})
        body = {"data": content} if isinstance(content, bytes) else {"json": content} if content is not None else {}
        async with self.session.request(
            method,
            f"{self.url}{path}",
            headers={name: value for name, value in own.items() if value},
            params=[
                (name, one) for name, value in query.items() for one in (value if isinstance(value, list) else [value])
            ],
            **body,
        ) as response:
            return RestAnswer(response.status, await response.json(content_type=None), response.headers)

    async def done(self, method: str, path: str, content: object = None, **query: Any) -> Any:
        """The content of an answer that is yes."""
        answer = await self.ask(method, path, content, **query)
        assert answer.status < 300, answer.content
        return answer.content

    async def refused(self, method: str, path: str, content: object = None, **query: Any) -> tuple[int, str]:
        """The status and the reason of an answer that is no."""
        answer = await self.ask(method, path, content, **query)
        assert answer.headers["Content-Type"] == "application/problem+json", answer
        assert answer.content["status"] == answer.status
        return answer.status, answer.content["reason"]
