"""XTCE 1.2 (OMG 2018, CCSDS 660.0-B-2): the dictionary for mission control systems such as Yamcs.

One flat SpaceSystem, because some readers know neither nested systems nor aggregates; names are ``area_item_field``.
Element names follow the standard; telemetry is in :mod:`xtce_telemetry`, commands in :mod:`xtce_commands`.
"""

from __future__ import annotations

from xml.etree import ElementTree

from telemetry_defs.exports.xtce_commands import command_meta_data
from telemetry_defs.exports.xtce_telemetry import telemetry_meta_data
from telemetry_defs.exports.xtce_xml import NAMESPACE, node
from telemetry_defs.lookup import Dictionary

_SCHEMA_INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
_SCHEMA = "https://www.omg.org/spec/XTCE/20180204/SpaceSystem.xsd"
_NOTE = (
    "Mission dictionary {hash:#010x}. A reserved raw code means 'no valid value': all ones for unsigned, the most "
    "negative number for signed integers, NaN for floats; it lies outside the ValidRange, or has the label NO_VALUE."
)


def to_xtce(dictionary: Dictionary, system_name: str = "Rahi") -> str:
    """Return the dictionary as an XTCE document."""
    schema = {"xmlns:xsi": _SCHEMA_INSTANCE, "xsi:schemaLocation": f"{NAMESPACE} {_SCHEMA}"}
    root = ElementTree.Element("SpaceSystem", {"xmlns": NAMESPACE, **schema, "name": system_name})
    node(root, "LongDescription").text = _NOTE.format(hash=dictionary.hash32)
    root.append(telemetry_meta_data(dictionary))
    root.append(command_meta_data(dictionary, system_name))
    ElementTree.indent(root, " ")
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"
