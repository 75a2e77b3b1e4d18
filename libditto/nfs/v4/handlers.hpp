// The handlers of NFSv4's operations, one function and one file each under operations/; operations.cpp puts them in the
// table. A handler answers with a result: failures are statuses, never exceptions. It runs on its connection's loop,
// finds the filehandles that its row asks for in the COMPOUND, and reaches nodes through the gate only. The arguments
// outlive it. One that returns no Task cannot wait.
#pragma once

#include "base/task.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/names.hpp"
#include "nfs/v4/messages/open.hpp"
#include "nfs/v4/messages/security.hpp"
#include "nfs/v4/messages/sessions.hpp"
#include "nfs/v4/messages/sparse.hpp"
#include "nfs/v4/messages/xattrs.hpp"

namespace ditto::nfs4 {

Task<ACCESS4res> access(Compound& compound, const ACCESS4args& args);
Task<ALLOCATE4res> allocate(Compound& compound, const ALLOCATE4args& args);
Task<CLONE4res> clone(Compound& compound, const CLONE4args& args);
Task<COMMIT4res> commit(Compound& compound, const COMMIT4args& args);
Task<COPY4res> copy(Compound& compound, const COPY4args& args);
Task<CREATE4res> create(Compound& compound, const CREATE4args& args);
Task<DEALLOCATE4res> deallocate(Compound& compound, const DEALLOCATE4args& args);
Task<GETATTR4res> getattr(Compound& compound, const GETATTR4args& args);
GETFH4res getfh(Compound& compound);
Task<GETXATTR4res> getxattr(Compound& compound, const GETXATTR4args& args);
Task<IO_ADVISE4res> io_advise(Compound& compound, const IO_ADVISE4args& args);
Task<LINK4res> link(Compound& compound, const LINK4args& args);
Task<LISTXATTRS4res> listxattrs(Compound& compound, const LISTXATTRS4args& args);
Task<LOOKUP4res> lookup(Compound& compound, const LOOKUP4args& args);
Task<LOOKUPP4res> lookupp(Compound& compound);
Task<NVERIFY4res> nverify(Compound& compound, const NVERIFY4args& args);
PUTFH4res putfh(Compound& compound, const PUTFH4args& args);
PUTPUBFH4res putpubfh(Compound& compound);
PUTROOTFH4res putrootfh(Compound& compound);
Task<READ4res> read(Compound& compound, const READ4args& args);
Task<READ_PLUS4res> read_plus(Compound& compound, const READ_PLUS4args& args);
Task<READDIR4res> readdir(Compound& compound, const READDIR4args& args);
Task<READLINK4res> readlink(Compound& compound);
Task<REMOVE4res> remove(Compound& compound, const REMOVE4args& args);
Task<REMOVEXATTR4res> removexattr(Compound& compound, const REMOVEXATTR4args& args);
Task<RENAME4res> rename(Compound& compound, const RENAME4args& args);
RESTOREFH4res restorefh(Compound& compound);
SAVEFH4res savefh(Compound& compound);
Task<SECINFO4res> secinfo(Compound& compound, const SECINFO4args& args);
Task<SECINFO_NO_NAME4res> secinfo_no_name(Compound& compound, const SECINFO_NO_NAME4args& args);
Task<SEEK4res> seek(Compound& compound, const SEEK4args& args);
SEQUENCE4res sequence(Compound& compound, const SEQUENCE4args& args);
Task<SETATTR4res> setattr(Compound& compound, const SETATTR4args& args);
Task<SETXATTR4res> setxattr(Compound& compound, const SETXATTR4args& args);
Task<VERIFY4res> verify(Compound& compound, const VERIFY4args& args);
Task<WRITE4res> write(Compound& compound, const WRITE4args& args);

// These need the keeper of clients; their rows say so.
BACKCHANNEL_CTL4res backchannel_ctl(Compound& compound, const BACKCHANNEL_CTL4args& args);
BIND_CONN_TO_SESSION4res bind_conn_to_session(Compound& compound, const BIND_CONN_TO_SESSION4args& args);
CLOSE4res close(Compound& compound, const CLOSE4args& args);
CREATE_SESSION4res create_session(Compound& compound, const CREATE_SESSION4args& args);
DELEGRETURN4res delegreturn(Compound& compound, const DELEGRETURN4args& args);
DESTROY_CLIENTID4res destroy_clientid(Compound& compound, const DESTROY_CLIENTID4args& args);
DESTROY_SESSION4res destroy_session(Compound& compound, const DESTROY_SESSION4args& args);
EXCHANGE_ID4res exchange_id(Compound& compound, const EXCHANGE_ID4args& args);
FREE_STATEID4res free_stateid(Compound& compound, const FREE_STATEID4args& args);
Task<GET_DIR_DELEGATION4res> get_dir_delegation(Compound& compound, const GET_DIR_DELEGATION4args& args);
Task<LOCK4res> lock(Compound& compound, const LOCK4args& args);
Task<LOCKT4res> lockt(Compound& compound, const LOCKT4args& args);
LOCKU4res locku(Compound& compound, const LOCKU4args& args);
Task<OFFLOAD_CANCEL4res> offload_cancel(Compound& compound, const OFFLOAD_CANCEL4args& args);
OFFLOAD_STATUS4res offload_status(Compound& compound, const OFFLOAD_STATUS4args& args);
Task<OPEN4res> open(Compound& compound, const OPEN4args& args);
Task<OPENATTR4res> openattr(Compound& compound, const OPENATTR4args& args);
OPEN_CONFIRM4res open_confirm(Compound& compound, const OPEN_CONFIRM4args& args);
OPEN_DOWNGRADE4res open_downgrade(Compound& compound, const OPEN_DOWNGRADE4args& args);
Task<RECLAIM_COMPLETE4res> reclaim_complete(Compound& compound, const RECLAIM_COMPLETE4args& args);
RELEASE_LOCKOWNER4res release_lockowner(Compound& compound, const RELEASE_LOCKOWNER4args& args);
RENEW4res renew(Compound& compound, const RENEW4args& args);
SETCLIENTID4res setclientid(Compound& compound, const SETCLIENTID4args& args);
SETCLIENTID_CONFIRM4res setclientid_confirm(Compound& compound, const SETCLIENTID_CONFIRM4args& args);
TEST_STATEID4res test_stateid(Compound& compound, const TEST_STATEID4args& args);
Task<WANT_DELEGATION4res> want_delegation(Compound& compound, const WANT_DELEGATION4args& args);

}  // namespace ditto::nfs4
