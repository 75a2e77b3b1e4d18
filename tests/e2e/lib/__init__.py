"""What the end-to-end, crash, bad-input and bench suites share: servers, clients, a network of their own, counting."""
