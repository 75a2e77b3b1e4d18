"""XDR (RFC 4506) for the tests' own client: independent of libditto, and able to write what no client should."""

import struct


class Packer:
    def __init__(self):
        self.bytes = bytearray()

    def u32(self, value):
        self.bytes += struct.pack(">I", value)
        return self

    def u64(self, value):
        self.bytes += struct.pack(">Q", value)
        return self

    def fixed(self, data):
        self.bytes += data + bytes(-len(data) % 4)
        return self

    def opaque(self, data):
        return self.u32(len(data)).fixed(data)

    def optional(self, value, pack):
        """An XDR optional, or a discriminated union of bool: pack(value) behind TRUE, or FALSE for None."""
        if value is None:
            return self.u32(0)
        self.u32(1)
        pack(value)
        return self


class Unpacker:
    def __init__(self, data, offset=0):
        self.data, self.offset = data, offset

    def u32(self):
        (value,) = struct.unpack_from(">I", self.data, self.offset)
        self.offset += 4
        return value

    def u64(self):
        (value,) = struct.unpack_from(">Q", self.data, self.offset)
        self.offset += 8
        return value

    def fixed(self, size):
        end = self.offset + size
        if end > len(self.data):
            raise struct.error("opaque beyond the end")
        value = bytes(self.data[self.offset:end])
        self.offset = end + -size % 4
        return value

    def opaque(self):
        return self.fixed(self.u32())
