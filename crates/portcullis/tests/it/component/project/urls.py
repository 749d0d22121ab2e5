"""Where the component answers."""

from django.urls import path

from part.views import Open, WhoAmI

urlpatterns = [
    path("api/controller/v2/me/", WhoAmI.as_view()),
    path("api/controller/v2/ping/", Open.as_view()),
]
