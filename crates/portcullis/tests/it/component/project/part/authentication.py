"""The library's authentication, with one question answered without a network."""

from ansible_base.jwt_consumer.common.auth import JWTAuthentication, JWTCommonAuth


class ClaimsInToken(JWTCommonAuth):
    """Takes the roles from the token itself, where older components look for them, instead of asking the
    gateway for them under a service key."""

    def _fetch_jwt_claims_from_gateway(self, user_ansible_id):
        return {name: self.token[name] for name in ("objects", "object_roles", "global_roles")}


class SignedIdentity(JWTAuthentication):
    """Believes the signed identity and nothing else."""

    use_rbac_permissions = True

    def __init__(self):
        self.common_auth = ClaimsInToken(self.map_fields)

    def authenticate(self, request):
        answer = super().authenticate(request)
        request._request.signed_claims = self.common_auth.token
        return answer
