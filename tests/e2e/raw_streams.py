"""Named attributes (RFC 8881, 5.3, 18.17): OPENATTR, and files in a directory that belongs to a file. No kernel here asks for them."""

from lib import nfs4
from lib import nfs4_operations as ops
from lib.nfs4_numbers import Status
from lib.report import equal


def file_of(world):
    client = world.client()
    opened, file = client.open(world.directory(client, "streams"), "file")
    client.at(file, ops.write(opened.stateid, 0, b"contents"))
    return client, opened.stateid, file


def attribute_directory(client, file, create=True):
    return client.at(file, ops.openattr(create), ops.getfh())


def made_and_read(world):
    """A directory that comes with the first use, files in it, and the file itself as it was."""
    client, stateid, file = file_of(world)
    equal(client.attributes(file, "named_attr"), {"named_attr": False}, "whether there are any")
    equal(client.status(file, ops.openattr(False)), Status.NOENT, "before there are any")
    directory = attribute_directory(client, file)
    equal(client.attributes(directory, "type"), {"type": ops.ATTRIBUTE_DIRECTORY}, "what it is")
    opened, stream = client.open(directory, "stream", owner=b"streams")
    equal(client.attributes(stream, "type"), {"type": ops.NAMED_ATTRIBUTE}, "what is in it")
    client.at(stream, ops.write(opened.stateid, 0, b"of the stream"))
    other = world.client()
    theirs, same = other.open(attribute_directory(other, file, False), "stream", nfs4.SHARE_READ, create=False)
    equal([same, other.at(same, ops.read(theirs.stateid, 0, 100)).data], [stream, b"of the stream"], "what another reads")
    equal(client.at(file, ops.read(stateid, 0, 100)).data, b"contents", "the file")
    equal(client.attributes(file, "named_attr", "size"), {"named_attr": True, "size": 8}, "of the file")
    equal([entry.name for entry in client.at(directory, ops.readdir()).entries], [b"stream"], "what is listed")
    for each, mine in ((client, opened.stateid), (other, theirs.stateid)):
        each.close_all(stream, mine)


def renamed_and_removed(world):
    """Within their directory only; they go with their file."""
    client, _, file = file_of(world)
    directory = attribute_directory(client, file)
    for name in ("one", "two"):
        opened, stream = client.open(directory, name, owner=b"streams")
        client.close_all(stream, opened.stateid)
    client.at(directory, ops.savefh(), ops.rename("one", "three"))
    client.at(directory, ops.remove("two"))
    equal([entry.name for entry in client.at(directory, ops.readdir()).entries], [b"three"], "what is left")
    equal(client.status(directory, ops.savefh(), ops.putrootfh(), ops.lookup("export"), ops.rename("three", "out")) != Status.OK, True, "moved out of it")
    equal(client.status(directory, ops.create(ops.DIRECTORY, "d")) != Status.OK, True, "a directory in it")
    stream = client.at(directory, ops.lookup("three"), ops.getfh())
    parent = world.directory(client, "streams")
    equal(client.status(stream, ops.savefh(), ops.putrootfh(), *[ops.lookup(part) for part in parent.split("/")], ops.link("linked")) != Status.OK, True,
          "linked to a name of its own")


OPERATION = "OPENATTR"
TESTS = [
    ("raw 4.2: named attributes by OPENATTR", made_and_read),
    ("raw 4.2: named attributes renamed and removed", renamed_and_removed),
]
