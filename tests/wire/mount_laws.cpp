// Every argument and result of MOUNT keeps the codec's laws: round trip, bound, truncation at every byte, spoilt bytes.
#include "nfs/mount/types.hpp"
#include "wire/laws.hpp"

using namespace ditto::mount;

DITTO_XDR_LAWS("MOUNT arguments and results", "[mount]", MNTargs, mountres3, mountlist, exports)
