// The arguments of NFSv4's operations and the results of its callbacks, as they come from strangers.
#include "fuzz/decoder.hpp"
#include "nfs/v4/attributes.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/callback.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/layouts.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/names.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/messages/sparse.hpp"
#include "nfs/v4/messages/xattrs.hpp"

using namespace ditto::nfs4;

// In the order of the operations; then the results of callbacks, and the values of attributes that clients set. A
// corpus rests on the order: what comes later goes to the end.
DITTO_FUZZ_DECODERS(COMPOUND4args_header, ACCESS4args, CLOSE4args, COMMIT4args, CREATE4args, DELEGPURGE4args,
                    DELEGRETURN4args, GETATTR4args, LINK4args, LOCK4args, LOCKT4args, LOCKU4args, LOOKUP4args,
                    NVERIFY4args, OPEN4args, OPENATTR4args, OPEN_CONFIRM4args, OPEN_DOWNGRADE4args, PUTFH4args,
                    READ4args, READDIR4args, REMOVE4args, RENAME4args, RENEW4args, SECINFO4args, SETATTR4args,
                    SETCLIENTID4args, SETCLIENTID_CONFIRM4args, VERIFY4args, WRITE4args, RELEASE_LOCKOWNER4args,
                    BACKCHANNEL_CTL4args, BIND_CONN_TO_SESSION4args, EXCHANGE_ID4args, CREATE_SESSION4args,
                    DESTROY_SESSION4args, FREE_STATEID4args, GET_DIR_DELEGATION4args, GETDEVICEINFO4args,
                    GETDEVICELIST4args, LAYOUTCOMMIT4args, LAYOUTGET4args, LAYOUTRETURN4args, SECINFO_NO_NAME4args,
                    SEQUENCE4args, SET_SSV4args, TEST_STATEID4args, WANT_DELEGATION4args, DESTROY_CLIENTID4args,
                    RECLAIM_COMPLETE4args, CB_COMPOUND4res_header, CB_GETATTR4res, CB_RECALL4res, CB_SEQUENCE4res,
                    settime4, mode_masked4, mode_umask4, fattr4_acl, nfsacl41, retention_set4, sec_label4,
                    ALLOCATE4args, COPY4args, COPY_NOTIFY4args, DEALLOCATE4args, IO_ADVISE4args, LAYOUTERROR4args,
                    LAYOUTSTATS4args, OFFLOAD_CANCEL4args, READ_PLUS4args, SEEK4args, WRITE_SAME4args, CLONE4args,
                    GETXATTR4args, SETXATTR4args, LISTXATTRS4args, REMOVEXATTR4args)
