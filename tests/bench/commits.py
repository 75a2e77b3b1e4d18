"""What nfsd's checkpoints did to the metadata file: LMDB numbers its commits, and one checkpoint is one to some thirty of them."""

import struct

# LMDB 0.9: the first two pages are MDB_meta structures behind a page header of 16 bytes; mm_txnid is 128 bytes into one.
PAGE_BYTES, TXNID_AT = 4096, 16 + 128


class Commits:
    def __init__(self, data):
        self.file = data / "metadata.mdb"
        self.seen = self.commits()

    def commits(self):
        with self.file.open("rb") as file:
            pages = file.read(2 * PAGE_BYTES)
        return max(struct.unpack_from("=Q", pages, page + TXNID_AT)[0] for page in (0, PAGE_BYTES))

    def since_last(self):
        before, self.seen = self.seen, self.commits()
        return self.seen - before
