"""Two answers: who the component believes is asking, and that it is there."""

from ansible_base.jwt_consumer.common.util import validate_x_trusted_proxy_header
from ansible_base.rbac.claims import get_claims_hash, get_user_claims, get_user_claims_hashable_form
from django.contrib.auth import get_user_model
from rest_framework.permissions import AllowAny, IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView


class WhoAmI(APIView):
    """Answers who asked, how it knows, and what it was sent."""

    permission_classes = [IsAuthenticated]

    def get(self, request):
        user, token = request.user, request._request.signed_claims
        roles = get_user_claims_hashable_form(get_user_claims(user))
        return Response(
            {
                "username": user.username,
                "is_superuser": user.is_superuser,
                "email": user.email,
                "ansible_id": str(user.resource.ansible_id),
                "users": get_user_model().objects.filter(username=user.username).count(),
                "roles": roles,
                "hash_agrees": get_claims_hash(roles) == token["claims_hash"],
                "proxy_is_trusted": validate_x_trusted_proxy_header(request.headers.get("X-Trusted-Proxy", "")),
                "authorization": request.headers.get("Authorization"),
                "cookie": request.headers.get("Cookie"),
                "forwarded_for": request.headers.get("X-Forwarded-For"),
                "method": request.method,
                "body": request.data,
            }
        )

    def post(self, request):
        return self.get(request)


class Open(APIView):
    """Open to everybody."""

    permission_classes = [AllowAny]

    def get(self, request):
        return Response({"user": str(request.user)})
