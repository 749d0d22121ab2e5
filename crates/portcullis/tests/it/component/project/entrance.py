"""A platform as small as can be that people sign in to: the framework's own sessions, forms and checks."""

import os
from pathlib import Path

FOLDER = Path(os.environ["COMPONENT_FOLDER"])

SECRET_KEY = "only for tests"
DEBUG = False
ALLOWED_HOSTS = ["*"]
USE_TZ = True
ROOT_URLCONF = "entrance_urls"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": FOLDER / "entrance.sqlite3"}}
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "rest_framework",
    "rest_framework.authtoken",
]
MIDDLEWARE = [
    # Says how long answers are: over https a cut one could not be told from a whole one otherwise.
    "django.middleware.common.CommonMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]
STATIC_URL = "/static/"
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "entry.authentication.Bearer",
        "ansible_base.authentication.session.SessionAuthentication",
        "rest_framework.authentication.BasicAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PAGINATION_CLASS": "ansible_base.rest_pagination.default_paginator.DefaultPaginator",
}
DEFAULT_PAGE_SIZE = 2

# What the two contracts set themselves.
IS_CONTROLLER = os.environ["ENTRANCE"] == "awx"
SESSION_COOKIE_NAME = os.environ["ENTRANCE_COOKIE"]
SESSION_COOKIE_AGE = 1800 if IS_CONTROLLER else 900
SESSION_SAVE_EVERY_REQUEST = IS_CONTROLLER
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = "ENTRANCE_TLS" in os.environ
