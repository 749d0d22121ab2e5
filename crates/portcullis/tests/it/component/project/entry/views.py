"""The entrance, who has come in, and some data; and what only the test asks."""

from ansible_base.lib.utils.views.ansible_base import AnsibleBaseView
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.views import LoginView, LogoutView
from django.contrib.sessions.models import Session as Stored
from django.http import HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from rest_framework import generics, permissions, serializers
from rest_framework.response import Response


class Login(LoginView):
    """The framework's login; a refusal has the status that both platforms give it."""

    template_name = "rest_framework/login.html" if settings.IS_CONTROLLER else "entrance.html"
    next_page = "/api/"

    def form_valid(self, form):
        answer = super().form_valid(form)
        # Old releases, which keep the framework's name for it, do not tell it.
        if settings.IS_CONTROLLER and settings.SESSION_COOKIE_NAME != "sessionid":
            answer["X-API-Session-Cookie-Name"] = settings.SESSION_COOKIE_NAME
        return answer

    def form_invalid(self, form):
        answer = super().form_invalid(form)
        answer.status_code = 401
        return answer


class Logout(LogoutView):
    """The framework's logout, by GET too as both platforms have it."""

    http_method_names = ["get", "post"]
    next_page = "/api/"

    def get(self, request, *arguments, **names):
        return self.post(request, *arguments, **names)


class Row(serializers.ModelSerializer):
    """A user, with a password to be written."""

    password = serializers.CharField(write_only=True, required=False, style={"input_type": "password"})

    class Meta:
        model = get_user_model()
        fields = ["id", "username", "email", "is_superuser", "password"]


class Ping(AnsibleBaseView):
    """Open to everybody."""

    permission_classes = [permissions.AllowAny]

    def get(self, request):
        if settings.IS_CONTROLLER:
            return Response({"ha": False, "version": "24.6.1", "active_node": "one", "instances": []})
        return Response({"status": "good", "version": "2.6.1", "pong": str(timezone.now())})


class Me(AnsibleBaseView, generics.ListAPIView):
    """Who asks."""

    serializer_class = Row

    def get_queryset(self):
        return get_user_model().objects.filter(pk=self.request.user.pk).order_by("pk")


class Users(AnsibleBaseView, generics.ListCreateAPIView):
    """Everybody."""

    queryset = get_user_model().objects.order_by("pk")
    serializer_class = Row


class User(AnsibleBaseView, generics.RetrieveUpdateAPIView):
    """One of them."""

    queryset = get_user_model().objects.all()
    serializer_class = Row


class Session(AnsibleBaseView):
    """How long a session lives; a POST begins that anew."""

    def get(self, request):
        end = request.session.get_expiry_date()
        return Response({"expires_on": end.isoformat(), "expires_in_seconds": request.session.get_expiry_age()})

    def post(self, request):
        request.session.modified = True
        return self.get(request)


@csrf_exempt
def flush(request):
    """Ends all sessions."""
    Stored.objects.all().delete()
    return HttpResponse(status=204)


def rows(request):
    """How many users and sessions there are."""
    return JsonResponse({"users": get_user_model().objects.count(), "sessions": Stored.objects.count()})
