"""All generated pages by file name."""

from __future__ import annotations

from sil.docs.data_flow import data_flow_page
from sil.docs.devices import devices_page
from sil.docs.faults import faults_page
from sil.docs.modes import modes_page
from sil.docs.monitors import monitors_page
from sil.docs.properties import properties_page
from sil.docs.wiring import wiring_page, wiring_pictures
from telemetry_defs.dictionary import DICTIONARY
from telemetry_defs.exports.markdown import to_markdown


def pages() -> dict[str, str]:
    """File name to text."""
    return {
        "dictionary.md": to_markdown(DICTIONARY),
        "modes.md": modes_page(),
        "devices.md": devices_page(),
        "faults.md": faults_page(),
        "properties.md": properties_page(),
        "monitors.md": monitors_page(),
        "data-flow.md": data_flow_page(),
        "wiring.md": wiring_page(),
        **wiring_pictures(),
    }
