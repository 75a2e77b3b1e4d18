// The arguments of NFSv3, as they come from strangers.
#include "fuzz/decoder.hpp"
#include "nfs/v3/arguments.hpp"

using namespace ditto::nfs3;

// In the order of the procedures: the corpus rests on it.
DITTO_FUZZ_DECODERS(GETATTR3args, SETATTR3args, LOOKUP3args, ACCESS3args, READLINK3args, READ3args, WRITE3args,
                    CREATE3args, MKDIR3args, SYMLINK3args, MKNOD3args, REMOVE3args, RMDIR3args, RENAME3args, LINK3args,
                    READDIR3args, READDIRPLUS3args, FSSTAT3args, FSINFO3args, PATHCONF3args, COMMIT3args)
