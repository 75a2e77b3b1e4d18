// Every argument and result of NFSv3 keeps the codec's laws: round trip, bound, truncation at every byte, spoilt bytes.
#include "nfs/v3/arguments.hpp"
#include "nfs/v3/results.hpp"
#include "wire/laws.hpp"

using namespace ditto::nfs3;

DITTO_XDR_LAWS("NFSv3 arguments", "[nfs3]", GETATTR3args, SETATTR3args, LOOKUP3args, ACCESS3args, READLINK3args,
               READ3args, WRITE3args, CREATE3args, MKDIR3args, SYMLINK3args, MKNOD3args, REMOVE3args, RMDIR3args,
               RENAME3args, LINK3args, READDIR3args, READDIRPLUS3args, FSSTAT3args, FSINFO3args, PATHCONF3args,
               COMMIT3args)

// MKDIR, SYMLINK and MKNOD have CREATE's results, RMDIR has REMOVE's.
DITTO_XDR_LAWS("NFSv3 results", "[nfs3]", GETATTR3res, SETATTR3res, LOOKUP3res, ACCESS3res, READLINK3res, READ3res,
               WRITE3res, CREATE3res, REMOVE3res, RENAME3res, LINK3res, READDIR3res, READDIRPLUS3res, FSSTAT3res,
               FSINFO3res, PATHCONF3res, COMMIT3res)

DITTO_XDR_LAWS("NFSv3 entries", "[nfs3]", entry3, entryplus3, fattr3, sattr3, wcc_data)
