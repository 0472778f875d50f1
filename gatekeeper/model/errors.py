"""The one kind of exception that Gatekeeper raises on purpose."""

from __future__ import annotations

from gatekeeper.model.report import Exit


class GatekeeperError(Exception):
    """Something that a person has to mend before a run can be made: `message` says what, `hint` how."""

    def __init__(self, message: str, hint: str = "", exit_code: Exit = Exit.COULD_NOT_CHECK) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.exit_code = exit_code


class UsageError(GatekeeperError):
    """The command line or the configuration is wrong."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint, Exit.USAGE)
