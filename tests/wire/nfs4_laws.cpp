// Every argument and result of NFSv4, and the values of its attributes, keep the codec's laws: round trip, bound,
// truncation at every byte, spoilt bytes. Operations whose arguments or results are another's are not repeated.
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
#include "wire/laws.hpp"

using namespace ditto::nfs4;

DITTO_XDR_LAWS("NFSv4 headers", "[nfs4]", COMPOUND4args_header, COMPOUND4res_header, CB_COMPOUND4args_header)

DITTO_XDR_LAWS("NFSv4 arguments on files and names", "[nfs4]", ACCESS4args, GETATTR4args, SETATTR4args, VERIFY4args,
               READ4args, WRITE4args, COMMIT4args, PUTFH4args, OPENATTR4args, LOOKUP4args, CREATE4args, REMOVE4args,
               RENAME4args, LINK4args, READDIR4args)

DITTO_XDR_LAWS("NFSv4 arguments on state", "[nfs4]", OPEN4args, OPEN_CONFIRM4args, OPEN_DOWNGRADE4args, CLOSE4args,
               WANT_DELEGATION4args, DELEGPURGE4args, DELEGRETURN4args, GET_DIR_DELEGATION4args, LOCK4args, LOCKT4args,
               LOCKU4args, RELEASE_LOCKOWNER4args, FREE_STATEID4args, TEST_STATEID4args)

DITTO_XDR_LAWS("NFSv4 arguments on clients and sessions", "[nfs4]", SETCLIENTID4args, SETCLIENTID_CONFIRM4args,
               RENEW4args, EXCHANGE_ID4args, SET_SSV4args, DESTROY_CLIENTID4args, RECLAIM_COMPLETE4args,
               BACKCHANNEL_CTL4args, BIND_CONN_TO_SESSION4args, CREATE_SESSION4args, DESTROY_SESSION4args,
               SEQUENCE4args, SECINFO4args, SECINFO_NO_NAME4args)

DITTO_XDR_LAWS("NFSv4 arguments on layouts", "[nfs4]", GETDEVICEINFO4args, GETDEVICELIST4args, LAYOUTCOMMIT4args,
               LAYOUTGET4args, LAYOUTRETURN4args)

DITTO_XDR_LAWS("NFSv4 results on files and names", "[nfs4]", status4res, ACCESS4res, GETATTR4res, SETATTR4res,
               READLINK4res, READ4res, WRITE4res, COMMIT4res, GETFH4res, CREATE4res, REMOVE4res, RENAME4res, LINK4res,
               READDIR4res, entry4)

DITTO_XDR_LAWS("NFSv4 results on state", "[nfs4]", OPEN4res, OPEN_CONFIRM4res, OPEN_DOWNGRADE4res, CLOSE4res,
               WANT_DELEGATION4res, GET_DIR_DELEGATION4res, LOCK4res, LOCKT4res, TEST_STATEID4res)

DITTO_XDR_LAWS("NFSv4 results on clients and sessions", "[nfs4]", SETCLIENTID4res, EXCHANGE_ID4res, SET_SSV4res,
               BIND_CONN_TO_SESSION4res, CREATE_SESSION4res, SEQUENCE4res, SECINFO4res)

DITTO_XDR_LAWS("NFSv4.2 arguments", "[nfs4]", ALLOCATE4args, COPY4args, COPY_NOTIFY4args, DEALLOCATE4args,
               IO_ADVISE4args, LAYOUTERROR4args, LAYOUTSTATS4args, OFFLOAD_CANCEL4args, READ_PLUS4args, SEEK4args,
               WRITE_SAME4args, CLONE4args, GETXATTR4args, SETXATTR4args, LISTXATTRS4args, REMOVEXATTR4args)

DITTO_XDR_LAWS("NFSv4.2 results", "[nfs4]", COPY4res, OFFLOAD_STATUS4res, IO_ADVISE4res, READ_PLUS4res, SEEK4res,
               GETXATTR4res, SETXATTR4res, LISTXATTRS4res, REMOVEXATTR4res)

DITTO_XDR_LAWS("NFSv4 callbacks", "[nfs4]", CB_GETATTR4args, CB_RECALL4args, CB_NOTIFY4args, CB_PUSH_DELEG4args,
               CB_RECALL_ANY4args, CB_RECALL_SLOT4args, CB_SEQUENCE4args, CB_WANTS_CANCELLED4args, CB_NOTIFY_LOCK4args,
               CB_OFFLOAD4args, CB_GETATTR4res, CB_SEQUENCE4res, notify_attr4, notify_remove4, notify_add4,
               notify_rename4, notify_verifier4)

DITTO_XDR_LAWS("NFSv4 values of attributes", "[nfs4]", settime4, fsid4, change_policy4, mode_masked4, mode_umask4,
               nfsacl41, fs_locations4, retention_get4, retention_set4, sec_label4, specdata4, nfstime4)
