"""What can go wrong in a deployment, each told in one line."""

from __future__ import annotations


class DeployError(Exception):
    """It could not be done; exit status 1."""


class BadRequest(DeployError):
    """It was asked for in a way that cannot be done here; exit status 2."""


class TargetLost(DeployError):
    """The connection could not be made, or broke."""
