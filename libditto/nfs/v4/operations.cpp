#include "nfs/v4/operations.hpp"

#include <array>

#include "nfs/v4/handlers.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/copy.hpp"
#include "nfs/v4/messages/delegation.hpp"
#include "nfs/v4/messages/layouts.hpp"
#include "nfs/v4/messages/locks.hpp"
#include "nfs/v4/messages/open.hpp"

namespace ditto::nfs4 {

namespace {

using enum nfs_opnum4;

constexpr Minors both{0, 2}, only0{0, 0}, since1{1, 2}, only1{1, 1}, since2{2, 2}, with_xattrs{2, 2};
constexpr std::uint32_t Changes = Modifies | Once;

// A WRITE and a COMMIT may happen again: the same bytes come to the same place.
constexpr auto table = std::to_array<Operation>({
    op<&access>(OP_ACCESS, "ACCESS", "18.1", both, Current),
    op<&close>(OP_CLOSE, "CLOSE", "18.2", both, Current | Changes | Keeps),
    op<&commit>(OP_COMMIT, "COMMIT", "18.3", both, Current | Modifies),
    op<&create>(OP_CREATE, "CREATE", "18.4", both, Current | Changes),
    unbuilt<DELEGPURGE4args>(OP_DELEGPURGE, "DELEGPURGE", "18.5", both, Plain),
    op<&delegreturn>(OP_DELEGRETURN, "DELEGRETURN", "18.6", both, Current | Changes | Keeps),
    op<&getattr>(OP_GETATTR, "GETATTR", "18.7", both, Current),
    op<&getfh>(OP_GETFH, "GETFH", "18.8", both, Current),
    op<&link>(OP_LINK, "LINK", "18.9", both, Current | Saved | Changes),
    op<&lock>(OP_LOCK, "LOCK", "18.10", both, Current | Changes | Keeps),
    op<&lockt>(OP_LOCKT, "LOCKT", "18.11", both, Current | Keeps),
    op<&locku>(OP_LOCKU, "LOCKU", "18.12", both, Current | Changes | Keeps),
    op<&lookup>(OP_LOOKUP, "LOOKUP", "18.13", both, Current),
    op<&lookupp>(OP_LOOKUPP, "LOOKUPP", "18.14", both, Current),
    op<&nverify>(OP_NVERIFY, "NVERIFY", "18.15", both, Current),
    op<&open>(OP_OPEN, "OPEN", "18.16", both, Current | Changes | Keeps),
    op<&openattr>(OP_OPENATTR, "OPENATTR", "18.17", both, Current | Changes),
    op<&open_confirm>(OP_OPEN_CONFIRM, "OPEN_CONFIRM", "16.18", only0, Current | Changes | Keeps),
    op<&open_downgrade>(OP_OPEN_DOWNGRADE, "OPEN_DOWNGRADE", "18.18", both, Current | Changes | Keeps),
    op<&putfh>(OP_PUTFH, "PUTFH", "18.19", both, Plain),
    op<&putpubfh>(OP_PUTPUBFH, "PUTPUBFH", "18.20", both, Plain),
    op<&putrootfh>(OP_PUTROOTFH, "PUTROOTFH", "18.21", both, Plain),
    op<&read>(OP_READ, "READ", "18.22", both, Current),
    op<&readdir>(OP_READDIR, "READDIR", "18.23", both, Current),
    op<&readlink>(OP_READLINK, "READLINK", "18.24", both, Current),
    op<&remove>(OP_REMOVE, "REMOVE", "18.25", both, Current | Changes),
    op<&rename>(OP_RENAME, "RENAME", "18.26", both, Current | Saved | Changes),
    op<&renew>(OP_RENEW, "RENEW", "16.28", only0, Keeps),
    op<&restorefh>(OP_RESTOREFH, "RESTOREFH", "18.27", both, Plain),
    op<&savefh>(OP_SAVEFH, "SAVEFH", "18.28", both, Current),
    op<&secinfo>(OP_SECINFO, "SECINFO", "18.29", both, Current),
    op<&setattr>(OP_SETATTR, "SETATTR", "18.30", both, Current | Changes),
    op<&setclientid>(OP_SETCLIENTID, "SETCLIENTID", "16.33", only0, Changes | Keeps),
    op<&setclientid_confirm>(OP_SETCLIENTID_CONFIRM, "SETCLIENTID_CONFIRM", "16.34", only0, Changes | Keeps),
    op<&verify>(OP_VERIFY, "VERIFY", "18.31", both, Current),
    op<&write>(OP_WRITE, "WRITE", "18.32", both, Current | Modifies),
    op<&release_lockowner>(OP_RELEASE_LOCKOWNER, "RELEASE_LOCKOWNER", "16.37", only0, Changes | Keeps),

    op<&backchannel_ctl>(OP_BACKCHANNEL_CTL, "BACKCHANNEL_CTL", "18.33", since1, Changes | Keeps),
    op<&bind_conn_to_session>(OP_BIND_CONN_TO_SESSION, "BIND_CONN_TO_SESSION", "18.34", since1,
                              Changes | Sessionless | Alone | Keeps),
    op<&exchange_id>(OP_EXCHANGE_ID, "EXCHANGE_ID", "18.35", since1, Once | Sessionless | Keeps),
    op<&create_session>(OP_CREATE_SESSION, "CREATE_SESSION", "18.36", since1, Changes | Sessionless | Keeps),
    op<&destroy_session>(OP_DESTROY_SESSION, "DESTROY_SESSION", "18.37", since1, Changes | Sessionless | Keeps),
    op<&free_stateid>(OP_FREE_STATEID, "FREE_STATEID", "18.38", since1, Changes | Keeps),
    op<&get_dir_delegation>(OP_GET_DIR_DELEGATION, "GET_DIR_DELEGATION", "18.39", since1, Current | Changes | Keeps),
    unbuilt<GETDEVICEINFO4args>(OP_GETDEVICEINFO, "GETDEVICEINFO", "18.40", since1, Plain),
    unbuilt<GETDEVICELIST4args>(OP_GETDEVICELIST, "GETDEVICELIST", "18.41", only1, Current),
    unbuilt<LAYOUTCOMMIT4args>(OP_LAYOUTCOMMIT, "LAYOUTCOMMIT", "18.42", since1, Current),
    unbuilt<LAYOUTGET4args>(OP_LAYOUTGET, "LAYOUTGET", "18.43", since1, Current),
    unbuilt<LAYOUTRETURN4args>(OP_LAYOUTRETURN, "LAYOUTRETURN", "18.44", since1, Current),
    op<&secinfo_no_name>(OP_SECINFO_NO_NAME, "SECINFO_NO_NAME", "18.45", since1, Current),
    op<&sequence>(OP_SEQUENCE, "SEQUENCE", "18.46", since1, Begins),
    unbuilt<SET_SSV4args>(OP_SET_SSV, "SET_SSV", "18.47", since1, Plain),
    op<&test_stateid>(OP_TEST_STATEID, "TEST_STATEID", "18.48", since1, Keeps),
    op<&want_delegation>(OP_WANT_DELEGATION, "WANT_DELEGATION", "18.49", since1, Current | Changes | Keeps),
    op<&destroy_clientid>(OP_DESTROY_CLIENTID, "DESTROY_CLIENTID", "18.50", since1, Changes | Sessionless | Keeps),
    op<&reclaim_complete>(OP_RECLAIM_COMPLETE, "RECLAIM_COMPLETE", "18.51", since1, Changes | Keeps),

    op<&allocate>(OP_ALLOCATE, "ALLOCATE", "15.1", since2, Current | Modifies),
    op<&copy>(OP_COPY, "COPY", "15.2", since2, Current | Saved | Modifies),
    unbuilt<COPY_NOTIFY4args>(OP_COPY_NOTIFY, "COPY_NOTIFY", "15.3", since2, Current),
    op<&deallocate>(OP_DEALLOCATE, "DEALLOCATE", "15.4", since2, Current | Modifies),
    op<&io_advise>(OP_IO_ADVISE, "IO_ADVISE", "15.5", since2, Current),
    unbuilt<LAYOUTERROR4args>(OP_LAYOUTERROR, "LAYOUTERROR", "15.6", since2, Current),
    unbuilt<LAYOUTSTATS4args>(OP_LAYOUTSTATS, "LAYOUTSTATS", "15.7", since2, Current),
    op<&offload_cancel>(OP_OFFLOAD_CANCEL, "OFFLOAD_CANCEL", "15.8", since2, Current | Changes | Keeps),
    op<&offload_status>(OP_OFFLOAD_STATUS, "OFFLOAD_STATUS", "15.9", since2, Current | Keeps),
    op<&read_plus>(OP_READ_PLUS, "READ_PLUS", "15.10", since2, Current),
    op<&seek>(OP_SEEK, "SEEK", "15.11", since2, Current),
    unbuilt<WRITE_SAME4args>(OP_WRITE_SAME, "WRITE_SAME", "15.12", since2, Current),
    op<&clone>(OP_CLONE, "CLONE", "15.13", since2, Current | Saved | Modifies),

    op<&getxattr>(OP_GETXATTR, "GETXATTR", "8.4.1", with_xattrs, Current),
    op<&setxattr>(OP_SETXATTR, "SETXATTR", "8.4.2", with_xattrs, Current | Changes),
    op<&listxattrs>(OP_LISTXATTRS, "LISTXATTRS", "8.4.3", with_xattrs, Current),
    op<&removexattr>(OP_REMOVEXATTR, "REMOVEXATTR", "8.4.4", with_xattrs, Current | Changes),
});

constexpr auto first_number = static_cast<std::uint32_t>(OP_ACCESS);

constexpr bool is_in_order() {
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (static_cast<std::uint32_t>(table[i].number) != first_number + i) return false;
  }
  return true;
}
static_assert(is_in_order() && table.back().number == OP_REMOVEXATTR);

}  // namespace

std::span<const Operation> operations() noexcept { return table; }

const Operation* find_operation(nfs_opnum4 number) noexcept {
  const std::uint32_t index = static_cast<std::uint32_t>(number) - first_number;  // below the first it wraps
  return index < table.size() ? &table[index] : nullptr;
}

nfsstat4 admit(const Operation& row, const Compound& compound) noexcept {
  using enum nfsstat4;
  if (row.is(Keeps) && !compound.service.keeper) return NFS4ERR_NOTSUPP;
  if (row.is(Current) && !compound.current.place) return NFS4ERR_NOFILEHANDLE;
  if (row.is(Saved) && !compound.saved.place) return NFS4ERR_NOFILEHANDLE;
  if (row.is(Modifies) && row.result_bytes > compound.room) return compound.beyond();
  return NFS4_OK;
}

}  // namespace ditto::nfs4
