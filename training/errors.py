"""Errors as the person at the keyboard reads them: one exception, and any other's message on one line."""


class UserError(ValueError):
    """Something the user can mend. The message is one line: what is wrong with which input, what to do."""


def one_line(error: BaseException, most: int = 160) -> str:
    """An error's message on one line of at most `most` characters; its type's name if it has no message."""
    return " ".join(str(error).split())[:most] or type(error).__name__
