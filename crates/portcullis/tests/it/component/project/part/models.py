"""Users, organizations and teams, as every component has them."""

from ansible_base.lib.abstract_models.organization import AbstractOrganization
from ansible_base.lib.abstract_models.team import AbstractTeam
from ansible_base.lib.abstract_models.user import AbstractDABUser
from ansible_base.rbac import permission_registry
from ansible_base.resource_registry.fields import AnsibleResourceField
from django.conf import settings
from django.db import models


class User(AbstractDABUser):
    resource = AnsibleResourceField(primary_key_field="id")


class Organization(AbstractOrganization):
    class Meta:
        app_label = "part"
        permissions = [("member_organization", "May see what the organization has")]

    resource = AnsibleResourceField(primary_key_field="id")
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="member_of", blank=True)


class Team(AbstractTeam):
    class Meta(AbstractTeam.Meta):
        app_label = "part"
        abstract = False
        permissions = [("member_team", "May do what the team may")]

    resource = AnsibleResourceField(primary_key_field="id")


permission_registry.register(Organization, parent_field_name=None)
permission_registry.register(Team, parent_field_name="organization")
