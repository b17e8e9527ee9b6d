"""What `config check` says of the policy of a site: its policy files, and the `types` of its destinations."""

from __future__ import annotations

from functools import partial

from dui_bridge.declared import Node, Problems
from dui_bridge.errors import DeclarationInvalid, FileUnusable
from dui_bridge.findings import Finding, Place
from dui_bridge.pipeline.delivery.destinations import open_destinations
from dui_bridge.pipeline.policy.declaration import check_destination, load_policy
from dui_bridge.pipeline.policy.defaults import Establishment
from dui_bridge.pipeline.policy.facts import domain_of
from dui_bridge.site.places import place
from dui_bridge.site.settings import Site


def check_policy(site: Site, root: Node) -> list[Finding]:
    """Everything that can be said of it before anything runs.

    Args:
        root: the tree of the site file.
    """
    problems = Problems(site.file.name)
    try:
        rules = load_policy(site.declaration.policy, problems)
    except DeclarationInvalid as error:
        return [*problems.findings, *error.findings]
    except FileUnusable:
        return problems.findings  # `check_site` has said so
    establishments = [Establishment(one.finess, one.category, domain_of(one.category)) for one in site.establishments]
    for name, opened in open_destinations(site).items():
        types = {kind.value: how for kind, how in opened.settings.types.items()}
        check_destination(rules, opened.channel, types, establishments, problems, partial(_type_place, root, name))
    return problems.findings


def _type_place(root: Node, destination: str, kind: str) -> Place:
    return place(root, ["destinations", destination, "types", kind])
