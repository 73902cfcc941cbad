"""A botocore session that knows nothing of the user's AWS set-up.

No profile, no config or credential files, no AWS_* variables, no proxy, no metadata service
(facts/reliability.md 7): a local client must not find real credentials, nor fail over a profile that does
not exist.
"""

from __future__ import annotations

import os

import botocore.session
from botocore.config import Config
from botocore.configprovider import BOTOCORE_DEFAUT_SESSION_VARIABLES

from lakebench.environment import ACCESS_KEY_ID, SECRET_ACCESS_KEY


def isolated_session(region: str) -> botocore.session.Session:
    """Make a session with lakebench's fake keys and botocore's defaults, whatever surrounds the process."""
    core = botocore.session.Session()
    # The store's own overrides are used, because a None set on the session would let the variables answer.
    store = core.get_component("config_store")
    for name, (_, _, default, _) in BOTOCORE_DEFAUT_SESSION_VARIABLES.items():
        store.set_config_variable(name, default)
    store.set_config_variable("region", region)
    store.set_config_variable("config_file", os.devnull)
    store.set_config_variable("credentials_file", os.devnull)
    store.set_config_variable("ignore_configured_endpoint_urls", True)
    store.set_config_variable("s3", {})
    store.set_config_variable("proxies_config", {})
    core.set_credentials(ACCESS_KEY_ID, SECRET_ACCESS_KEY)
    return core


def local_config() -> Config:
    """Make the client configuration for a local endpoint: path-style S3, no proxy."""
    return Config(s3={"addressing_style": "path"}, proxies={})
