"""The readable reference of every packet, in ``construct``, derived from the same declarations as the flight codecs.

The ground decodes with these formats, documents print them, tests prove them equal to the codecs. Flight never imports
this package: construct is a desktop library.
"""

from telemetry_defs.formats.decode import DecodedTc, DecodedTm, decode_tc, decode_tm
from telemetry_defs.formats.layouts import PARAMETER_REPORT, TC_PACKET, TM_PACKET
from telemetry_defs.formats.records import RecordFormat, record_format

__all__ = [
    "PARAMETER_REPORT",
    "TC_PACKET",
    "TM_PACKET",
    "DecodedTc",
    "DecodedTm",
    "RecordFormat",
    "decode_tc",
    "decode_tm",
    "record_format",
]
