"""How long a test waits for what must come: on a busy machine it may come late, and no test is about how late."""

PATIENCE_S = 90
PATIENCE_MS = 1000 * PATIENCE_S
