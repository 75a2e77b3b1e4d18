"""Names with every byte there is, and long ones."""

import errno
import os


def odd_names():
    singles = [bytes([byte]) * 2 for byte in range(1, 256) if byte not in b"/."]
    return singles + [
        b" ", b"...", b"-rf", b"trailing ", b"trailing.", b"new\nline", b"tab\tname", b"CON", b"a:b", b"case", b"CASE", b"Case",
        "ünïcödé-日本語-🜁".encode(), "e\u0301".encode(), "\u00e9".encode(), b"\xc3\x28", b"\xff\xfe\xfd", b"\xed\xa0\x80",
        b"n" * 255, b"\xff" * 255, "é".encode() * 127]


def make_odd_names(directory):
    at = os.fsencode(directory)
    wanted = odd_names()
    for number, name in enumerate(wanted):
        with open(at + b"/" + name, "wb") as file:
            file.write(b"%d" % number)
    return len(wanted)


def check_odd_names(directory):
    at = os.fsencode(directory)
    wanted, got = odd_names(), os.listdir(at)
    assert sorted(got) == sorted(wanted), f"missing {sorted(set(wanted) - set(got))[:5]}, extra {sorted(set(got) - set(wanted))[:5]}"
    for number, name in enumerate(wanted):
        with open(at + b"/" + name, "rb") as file:
            assert file.read() == b"%d" % number, f"{name} holds another's content"


def move_odd_names(directory):
    """Each is renamed to another and back, linked and removed."""
    at = os.fsencode(directory)
    for name in odd_names():
        os.rename(at + b"/" + name, at + b"/moved")
        os.link(at + b"/moved", at + b"/" + name)
        os.unlink(at + b"/moved")


def too_long_names(directory):
    for size in (256, 300, 1000):
        try:
            os.mkdir(os.path.join(directory, "n" * size))
        except OSError as error:
            assert error.errno == errno.ENAMETOOLONG, f"{size} bytes: {error}"
            continue
        raise AssertionError(f"a name of {size} bytes was taken")
