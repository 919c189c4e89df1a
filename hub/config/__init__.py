"""The configuration: one TOML file and secrets from files or the environment, read once into frozen values.

Read by the process entry points and the composition root only; everyone else is given the values that concern them.
"""

from hub.config.loading import ConfigurationError, load
from hub.config.redis_settings import RedisSettings
from hub.config.sealing_settings import SealingSettings
from hub.config.secrets import Password, SecretKey
from hub.config.settings import (
    HubSettings,
    IndexSettings,
    LimitsSettings,
    ListenerSettings,
    OperationsSettings,
    SchemasSettings,
    Settings,
    SourceSettings,
    VaultSettings,
)
from hub.config.tls_settings import TlsSettings

__all__ = [
    "ConfigurationError",
    "HubSettings",
    "IndexSettings",
    "LimitsSettings",
    "ListenerSettings",
    "OperationsSettings",
    "Password",
    "RedisSettings",
    "SchemasSettings",
    "SealingSettings",
    "SecretKey",
    "Settings",
    "SourceSettings",
    "TlsSettings",
    "VaultSettings",
    "load",
]
