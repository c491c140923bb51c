"""`python -m sil.docs FOLDER` writes every generated page into FOLDER."""

from __future__ import annotations

import sys
from pathlib import Path

from sil.docs.pages import pages


def main() -> None:
    """Write what has changed."""
    if len(sys.argv) != 2:
        sys.exit("usage: python -m sil.docs FOLDER")
    folder = Path(sys.argv[1])
    for name, text in pages().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")
            print(f"wrote {path}")


if __name__ == "__main__":
    main()
