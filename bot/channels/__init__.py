"""One answer object in other programs' shapes: chat completions, short messages."""
