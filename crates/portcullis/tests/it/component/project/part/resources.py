"""What the component shares with its gateway."""

from ansible_base.resource_registry.registry import ResourceConfig, ServiceAPIConfig, SharedResource
from ansible_base.resource_registry.shared_types import OrganizationType, TeamType, UserType

from part.models import Organization, Team, User


class APIConfig(ServiceAPIConfig):
    service_type = "awx"


RESOURCE_LIST = (
    ResourceConfig(User, shared_resource=SharedResource(serializer=UserType, is_provider=False), name_field="username"),
    ResourceConfig(Organization, shared_resource=SharedResource(serializer=OrganizationType, is_provider=False)),
    ResourceConfig(Team, shared_resource=SharedResource(serializer=TeamType, is_provider=False)),
)
