"""Who is asked before anything moves or heats, and what a person beside the rover can see."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import click


class Operator(Protocol):
    """A person beside the rover, or what stands in for one.

    Attributes:
        sees: somebody looks at the rover, so that questions about it make sense.
    """

    sees: bool

    def tell(self, text: str) -> None:
        """Say something."""
        ...

    def confirm(self, question: str) -> bool:
        """Whether to go on; no, unless it is said otherwise.

        Raises:
            KeyboardInterrupt: Ctrl-C, or the end of the input.
        """
        ...

    def choose(self, question: str, answers: Mapping[str, str]) -> str:
        """One of the keys of `answers`, whose values say what they mean.  Raises as `confirm`."""
        ...


class Terminal:
    """Implements `Operator` on a terminal."""

    sees = True

    def tell(self, text: str) -> None:
        """On standard output."""
        click.echo(text)

    def confirm(self, question: str) -> bool:
        """No is the default."""
        try:
            return click.confirm(question, default=False)
        except click.Abort:
            raise KeyboardInterrupt from None

    def choose(self, question: str, answers: Mapping[str, str]) -> str:
        """Asked again until it is one of them."""
        meanings = ", ".join(f"{key} = {meaning}" for key, meaning in answers.items())
        try:
            choice: str = click.prompt(f"{question} ({meanings})", type=click.Choice(list(answers)), show_choices=False)
        except click.Abort:
            raise KeyboardInterrupt from None
        return choice


class Assent:
    """Implements `Operator` for automation: everything may go on, and nobody looks."""

    sees = False

    def tell(self, text: str) -> None:
        """On standard output."""
        click.echo(text)

    def confirm(self, question: str) -> bool:
        """Yes."""
        click.echo(f"{question} yes")
        return True

    def choose(self, question: str, answers: Mapping[str, str]) -> str:
        """Never asked, for nobody sees.

        Raises:
            NotImplementedError: it was.
        """
        raise NotImplementedError(question)
