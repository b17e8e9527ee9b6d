"""Structured documents after the International Patient Summary: volet IPS-FR 2024.01 of the CI-SIS.

One module a kind of section; one function a template. The narrative and the entries are made from the same table
(`dui_bridge.model.synthese`), and every entry points into the narrative.
"""

from dui_bridge.cda.ips.content import IpsContent, ips_content, ips_dates
from dui_bridge.cda.ips.document import build_ips
from dui_bridge.cda.ips.needs import ips_needs

__all__ = ["IpsContent", "build_ips", "ips_content", "ips_dates", "ips_needs"]
