"""Use cases: the order of the steps. They see the domain and the ports, never XML, HTTP or Redis."""
