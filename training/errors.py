"""Errors as the person at the keyboard reads them: one exception, and any other's message on one line."""


class UserError(ValueError):
    """Something the user can mend. The message is one line: what is wrong with which input, what to do."""


def one_line(error: BaseException, most: int = 160) -> str:
    """An error's message on one line of at most `most` characters; its type's name if it has no message."""
    return " ".join(str(error).split())[:most] or type(error).__name__


def os_error(error: OSError) -> str:
    """An error of the system on one line: the file that it is about, if it names one, and what is wrong."""
    what = error.strerror or one_line(error)
    files = [str(name) for name in (error.filename, error.filename2) if name is not None]
    return f"{' to '.join(files)}: {what}" if files else what


def line_of(error: BaseException) -> str | None:
    """What a program says of an error that ends it, on one line; None for one that nobody has thought of."""
    if isinstance(error, UserError):
        return str(error)
    if isinstance(error, OSError):
        return f"{os_error(error)}; nothing that was whole is lost"
    if isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and "memory" in str(error)
    ):  # as torch says it
        return f"out of memory ({one_line(error)}); nothing that was whole is lost"
    return None
