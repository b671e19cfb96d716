"""The one exception whose message is meant for the person at the keyboard."""


class UserError(ValueError):
    """Something the user can mend. The message is one line: what is wrong with which input, what to do."""
