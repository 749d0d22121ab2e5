"""A component as small as can be: it believes only the identity that its gateway signed."""

import os
from pathlib import Path

FOLDER = Path(os.environ["COMPONENT_FOLDER"])

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "component.sqlite3"}}
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "rest_framework",
    "ansible_base.resource_registry",
    "ansible_base.jwt_consumer",
    "ansible_base.rbac",
    "part",
]
MIDDLEWARE = ["crum.CurrentRequestUserMiddleware"]
AUTH_USER_MODEL = "part.User"
REST_FRAMEWORK = {"DEFAULT_AUTHENTICATION_CLASSES": ["part.authentication.SignedIdentity"]}

ANSIBLE_BASE_TEAM_MODEL = "part.Team"
ANSIBLE_BASE_ORGANIZATION_MODEL = "part.Organization"
ANSIBLE_BASE_RESOURCE_CONFIG_MODULE = "part.resources"
ANSIBLE_BASE_MANAGED_ROLE_REGISTRY = {
    "platform_auditor": {"name": "Platform Auditor", "shortname": "sys_auditor"},
    "org_admin": {},
    "org_member": {},
    "team_admin": {},
    "team_member": {},
}
ANSIBLE_BASE_ALLOW_SINGLETON_USER_ROLES = True
ANSIBLE_BASE_JWT_KEY = os.environ["COMPONENT_JWT_KEY"]
# Longer than the library's second: a slow machine is no reason for this test to fail.
trusted_header_timeout = 20_000

from ansible_base.lib.dynamic_config.settings_logic import get_dab_settings  # noqa: E402

for _name, _value in get_dab_settings(
    installed_apps=INSTALLED_APPS, rest_framework=REST_FRAMEWORK, middleware=MIDDLEWARE, caches=CACHES
).items():
    globals().setdefault(_name, _value)
