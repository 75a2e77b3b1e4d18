// What the machine itself can do, measured in turn with the servers: a plain TCP sender for what is read from a server,
// one append with its sync for what a server makes durable. No NFS in either. One thread; both throw Failure.
#pragma once

#include <string>

#include "result.hpp"

namespace bench {

/// A process of its own on `sender_core` (-1: any) sends records of 1 MiB, as fast as it can, over `connections`
/// loopback connections, and they are received the way replies are. CPU time is the sender's.
Result measure_plain_tcp(unsigned connections, int sender_core, double seconds, double warm_up);

/// Appends 4 KiB to a file in `directory` and syncs it with fdatasync(), again and again; the file is gone afterwards.
Result measure_disk_append(const std::string& directory, double seconds);

}  // namespace bench
