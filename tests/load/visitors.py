"""Clients of NFSv4.1 whose opens and locks come and go, all driven by one thread: every one of them has one COMPOUND in flight."""

from lib import nfs4
from lib.nfs4 import Op

FILES = 64  # that all of them share
MOST_OPENS = 6
SPAN = 16  # so many bytes are one open's to lock, and nobody else's
MOST_MADE = 10_000  # opens of one visitor


class Opened:
    def __init__(self, handle, stateid, start):
        self.handle, self.stateid, self.start = handle, stateid, start
        self.lock = None  # the stateid of its lock owner's locks


class Counts:
    """What was done, by all visitors together."""

    def __init__(self):
        self.opens = self.closes = self.locks = self.unlocks = 0


class Visitor:
    """One client. go_on() takes the answer to its last request and sends its next one; false once it has said goodbye."""

    def __init__(self, port, number, rng, counts, verifier=1):
        self.number, self.rng, self.counts = number, rng, counts
        self.session = nfs4.Session(port, b"visitor-%d" % number, verifier)
        self.opens, self.made, self.directory, self.leaving = [], 0, None, False
        self.life = self.live()
        self.go_on()

    def go_on(self):
        return next(self.life, self) is None

    def live(self):
        """Each of these generators has sent something when it yields, and receives the answer when it goes on."""
        yield from self.session.arrive()
        self.session.send(nfs4.op(Op.PUTROOTFH), nfs4.lookup(b"export"), nfs4.op(Op.GETFH))
        yield
        unpack = self.session.receive()
        for number in (Op.PUTROOTFH, Op.LOOKUP, Op.GETFH):
            nfs4.step_into(unpack, number)
        self.directory = unpack.opaque()
        while self.opens or not self.leaving:
            steps = [self.open] if len(self.opens) < MOST_OPENS and not self.leaving else []
            if self.opens:
                steps += [self.lock, self.lock, self.close]
            if any(each.lock for each in self.opens):
                steps.append(self.unlock)
            yield from self.rng.choice(steps)()
        self.session.end()

    def name(self):
        """Of an owner: another one each time."""
        self.made += 1
        return b"owner-%d" % self.made

    def open(self):
        file = b"file-%d" % self.rng.randrange(FILES)
        self.session.send(nfs4.putfh(self.directory), nfs4.open_file(self.session.client, self.name(), file), nfs4.op(Op.GETFH))
        yield
        unpack = nfs4.step_into(self.session.receive(), Op.PUTFH)
        stateid = nfs4.opened(nfs4.step_into(unpack, Op.OPEN))
        start = (self.number * MOST_MADE + self.made) * SPAN
        self.opens.append(Opened(nfs4.step_into(unpack, Op.GETFH).opaque(), stateid, start))
        self.counts.opens += 1

    def lock(self):
        chosen = self.rng.choice(self.opens)
        part = chosen.start + self.rng.randrange(SPAN // 2), 1 + self.rng.randrange(SPAN // 2)
        request = nfs4.lock_more(chosen.lock, *part) if chosen.lock else \
            nfs4.lock(self.session.client, self.name(), chosen.stateid, *part)
        chosen.lock = nfs4.stateid((yield from self.on(chosen, request, Op.LOCK)))
        self.counts.locks += 1

    def unlock(self):
        chosen = self.rng.choice([each for each in self.opens if each.lock])
        request = nfs4.unlock(chosen.lock, chosen.start, SPAN)
        chosen.lock = nfs4.stateid((yield from self.on(chosen, request, Op.LOCKU)))
        self.counts.unlocks += 1

    def close(self):
        chosen = self.opens.pop(self.rng.randrange(len(self.opens)))
        yield from self.on(chosen, nfs4.close(chosen.stateid), Op.CLOSE)
        self.counts.closes += 1

    def on(self, chosen, request, number):
        self.session.send(nfs4.putfh(chosen.handle), request)
        yield
        return nfs4.step_into(nfs4.step_into(self.session.receive(), Op.PUTFH), number)
