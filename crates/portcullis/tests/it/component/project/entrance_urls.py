"""Where the platform answers: as the one contract has it, or the other."""

from django.conf import settings
from django.urls import include, path

from entry import views

ROOT = "api/" if settings.IS_CONTROLLER else "api/gateway/v1/"
DATA = "api/v2/" if settings.IS_CONTROLLER else ROOT

entrance = [
    path("login/", views.Login.as_view(), name="login"),
    path("logout/", views.Logout.as_view(), name="logout"),
]
urlpatterns = [
    path(ROOT, include((entrance, "rest_framework"))),
    path(f"{DATA}ping/", views.Ping.as_view()),
    path(f"{DATA}me/", views.Me.as_view()),
    path(f"{DATA}users/", views.Users.as_view()),
    path(f"{DATA}users/<int:pk>/", views.User.as_view()),
    path("control/flush/", views.flush),
    path("control/rows/", views.rows),
]
if not settings.IS_CONTROLLER:
    urlpatterns.append(path(f"{DATA}session/", views.Session.as_view()))
