"""Access control lists, as nfs4-acl-tools show and set them."""

from clients import run


def get_list(path):
    """The entries, without remarks."""
    return [line for line in run("nfs4_getfacl", path).split("\n") if line and not line.startswith("#")]


def set_list(path, entries):
    """All of it."""
    run("nfs4_setfacl", "-s", ",".join(entries), path)


def add_entry(path, entry):
    run("nfs4_setfacl", "-a", entry, path)
