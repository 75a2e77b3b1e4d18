// The arguments of MOUNT, as they come from strangers, and its results, which hold lists within lists.
#include "fuzz/decoder.hpp"
#include "nfs/mount/types.hpp"

using namespace ditto::mount;

DITTO_FUZZ_DECODERS(MNTargs, mountres3, mountlist, exports)
