"""Telecommands: reception, acceptance checks, queue, execution and verification reports."""
