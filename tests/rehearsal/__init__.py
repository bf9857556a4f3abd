"""``make rehearse``: two replicas behind the proxy, and what fails a hospital in turn. Writes ``docs/operations.md``."""
