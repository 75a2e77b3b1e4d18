"""Where the Linux kernel's client is not as a local file system, whatever the server does, and why: one row for each flag of
model.Rules."""

import dataclasses

ACCESS_ONLY = "ACCESS has no word for a read-only share: what it does not grant is EACCES"

# flag -> (its value by version 3, by version 4, the reason)
DIFFERENCES = {
    "server_decides": (True, True, "the client leaves the right to write in a directory, and whether the share is read-only, to the server: "
                                   "its own checks (devices are root's, sticky directories, types) come first, while locally they come last"),
    "asks_access": (("change", "open"), ("change",), "before truncate(), touches and, in version 3, open() the client asks ACCESS. " + ACCESS_ONLY),
    "drops_empty_changes": (True, True, "the client sends no SETATTR that sets nothing: chown(-1, -1) leaves ctime as it is"),
    "touches_one_time": (True, True, "one time set to now, the other left: on the wire that is what a touch is, which who may write may do"),
}


# Those for what the client has not seen yet.
UNSEEN = {
    "makes_blindly": (True, True, "a name that is to be made for the first time is not looked up before: that devices are root's, and that the share "
                                  "is read-only, is then said before EEXIST"),
    "takes_for_links": (False, True, "OPEN of a FIFO, a socket or a device is answered SYMLINK, after which the client looks again, but not with O_NOFOLLOW"),
}


def of(table, version, leave_out=""):
    values = {flag: row[0 if version == "3" else 1] for flag, row in table.items() if flag != leave_out}
    return {flag: value for flag, value in values.items() if value}


def flags(version):
    return [*of(DIFFERENCES, version), *of(UNSEEN, version)]


def over_nfs(rules, version, leave_out=""):
    """The rules by which a cell is judged there, as plan.Plan.judge wants them; without one of the rows, if that is named."""
    seen = dataclasses.replace(rules, **of(DIFFERENCES, version, leave_out))
    unseen = dataclasses.replace(seen, **of(UNSEEN, version, leave_out))
    return lambda cell: unseen if cell.unseen else seen
