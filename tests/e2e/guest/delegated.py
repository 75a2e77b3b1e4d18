"""What a kernel client does by itself where it has a delegation, and what it asks the server for: by its own counts."""

import os


def operation_counts(directory):
    """Operation -> how often the mount has asked for it so far (/proc/self/mountstats)."""
    counts, here = {}, False
    with open("/proc/self/mountstats") as stats:
        for line in stats:
            if line.startswith("device "):
                here = f" mounted on {directory} " in line
            elif here and line.startswith("\t") and line.strip().split(":")[0].isupper():
                name, numbers = line.strip().split(":", 1)
                counts[name] = int(numbers.split()[0])
    return counts


def open_again(path, times):
    """What is read each time that the file is opened, all the same."""
    texts = set()
    for _ in range(times):
        with open(path, "rb") as file:
            texts.add(file.read())
    return [text.decode() for text in texts]


def append_open(path, text):
    """Written to the end, with the file left open, and nothing synced."""
    file = os.open(path, os.O_RDWR | os.O_APPEND)
    os.write(file, text.encode())
    return file


def close_number(number):
    os.close(number)


def size_of(path):
    return os.stat(path).st_size
