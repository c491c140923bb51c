"""`python -m sil.validation docs` writes the page; `... sky KERNEL_FOLDER` prints the sky's reference table."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def main(argv: list[str] | None = None) -> int:
    """Write the page or the table."""
    parser = argparse.ArgumentParser(prog="python -m sil.validation", description=__doc__)
    parser.add_argument("what", choices=("docs", "sky"))
    parser.add_argument("folder", type=Path, nargs="?", help="docs: where validation.md goes; sky: the kernels")
    arguments = parser.parse_args(argv)
    if arguments.what == "sky":
        from sil.validation.sky_kernels import reference_text

        if arguments.folder is None:
            parser.error("sky needs the folder of the kernels")
        sys.stdout.write(reference_text(arguments.folder))
        return 0
    from sil.validation.page import write_page

    write_page(arguments.folder or Path("docs"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
