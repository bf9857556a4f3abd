"""``make rehearse``: two replicas behind the proxy, and what can fail fails in turn. Writes ``docs/operations.md``."""
