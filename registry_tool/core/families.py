"""The families of statements beside the chains of keys, by what the layout calls them."""

from collections.abc import Mapping
from typing import Final

from registry_tool.core import entitlements, joining_profiles, joining_reviews, waivers
from registry_tool.core.family import Family
from registry_tool.core.layout import Role

FAMILIES: Final[Mapping[Role, Family]] = {
    "profile": joining_profiles.FAMILY,
    "review": joining_reviews.FAMILY,
    "waiver": waivers.FAMILY,
    "entitlement": entitlements.FAMILY,
}
