"""GET on a service: its WSDL, its schemas, or a word of what it is."""

from aiohttp import web

from hub.wire.hubservices.description import Service, ServiceDescription

_XML = {"Content-Type": "text/xml; charset=utf-8"}


class DescriptionPages:
    """Describes one service. `public_url` is how callers write the address of the server; empty: as they just did."""

    def __init__(
        self, *, description: ServiceDescription, service: Service, path: str, public_url: str, action_prefix: str
    ) -> None:
        self._description, self._service, self._path = description, service, path
        self._public_url, self._action_prefix = public_url.rstrip("/"), action_prefix

    async def get(self, request: web.Request) -> web.Response:
        """`?wsdl` and `?xsd=NAME` in any case; anything else is a page of text that says where they are."""
        query = {key.lower(): value for key, value in request.query.items()}
        endpoint = (self._public_url or f"{request.scheme}://{request.host}") + self._path
        if "wsdl" in query:
            wsdl = self._description.wsdl(self._service, endpoint=endpoint, action_prefix=self._action_prefix)
            return web.Response(body=wsdl, headers=_XML)
        if "xsd" in query:
            schema = self._description.schema(query["xsd"], endpoint=endpoint)
            if schema is None:
                raise web.HTTPNotFound(text=f"There is no such schema here; {endpoint}?wsdl imports those there are.\n")
            return web.Response(body=schema, headers=_XML)
        return web.Response(text=f"Hub services v3 ({self._service}): POST SOAP 1.1 here. WSDL: {endpoint}?wsdl\n")
