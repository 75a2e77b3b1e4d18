"""Names with every byte there is, and long ones."""

import errno
import os


def odd_names(text=False):
    """With `text` only those that are UTF-8."""
    singles = [bytes([byte]) * 2 for byte in range(1, 256) if byte not in b"/."]
    names = singles + [
        b" ", b"...", b"-rf", b"trailing ", b"trailing.", b"new\nline", b"tab\tname", b"CON", b"a:b", b"case", b"CASE", b"Case",
        "ünïcödé-日本語-🜁".encode(), "e\u0301".encode(), "\u00e9".encode(), b"\xc3\x28", b"\xff\xfe\xfd", b"\xed\xa0\x80",
        b"n" * 255, b"\xff" * 255, "é".encode() * 127]
    return [name for name in names if is_text(name)] if text else names


def is_text(name):
    try:
        name.decode()
    except UnicodeDecodeError:
        return False
    return True


def make_odd_names(directory, text=False):
    at = os.fsencode(directory)
    wanted = odd_names(text)
    for number, name in enumerate(wanted):
        with open(at + b"/" + name, "wb") as file:
            file.write(b"%d" % number)
    return len(wanted)


def check_odd_names(directory, text=False):
    at = os.fsencode(directory)
    wanted, got = odd_names(text), os.listdir(at)
    assert sorted(got) == sorted(wanted), f"missing {sorted(set(wanted) - set(got))[:5]}, extra {sorted(set(got) - set(wanted))[:5]}"
    for number, name in enumerate(wanted):
        with open(at + b"/" + name, "rb") as file:
            assert file.read() == b"%d" % number, f"{name} holds another's content"


def move_odd_names(directory, text=False):
    """Each is renamed to another and back, linked and removed."""
    at = os.fsencode(directory)
    for name in odd_names(text):
        os.rename(at + b"/" + name, at + b"/moved")
        os.link(at + b"/moved", at + b"/" + name)
        os.unlink(at + b"/moved")


def refused_names(directory):
    """Those that are no UTF-8, where only that is taken."""
    at = os.fsencode(directory)
    for name in odd_names():
        if is_text(name):
            continue
        try:
            os.mkdir(at + b"/" + name)
        except OSError as error:
            assert error.errno == errno.EINVAL, f"{name}: {error}"
            continue
        raise AssertionError(f"{name} was taken")


def too_long_names(directory):
    for size in (256, 300, 1000):
        try:
            os.mkdir(os.path.join(directory, "n" * size))
        except OSError as error:
            assert error.errno == errno.ENAMETOOLONG, f"{size} bytes: {error}"
            continue
        raise AssertionError(f"a name of {size} bytes was taken")
