"""The framework's tokens, under the word that both contracts have for them."""

from rest_framework.authentication import TokenAuthentication


class Bearer(TokenAuthentication):
    """Believes a token behind `Bearer`."""

    keyword = "Bearer"
