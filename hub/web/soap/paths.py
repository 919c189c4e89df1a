"""Where the services are, on the hub's own address."""

INTRAHUB_PATH = "/intrahub/v3"
PLAIN_INTRAHUB_PATH = "/plain/intrahub/v3"
