#include "instructions/client41.hpp"

#include <cstdio>
#include <cstdlib>

#include "instructions/nfs_call.hpp"
#include "nfs/v4/attributes.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/client.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "rpc/calls.hpp"

namespace ditto::test {

using namespace nfs4;
using enum nfs_opnum4;

namespace {

constexpr std::string_view owner = "open id: 0123456789abcdef";

BufferChain compound_of(Operations& operations) {
  xdr::Writer writer;
  writer(COMPOUND4args_header{.minorversion = 1, .count = operations.count()});
  writer.link(operations.finish());
  return writer.finish();
}

/// The result of the operation at `index`, which those of no more than a status precede, SEQUENCE apart.
template <class RES>
RES result_at(const BufferChain& results, std::size_t index) {
  xdr::Reader reader(results);
  COMPOUND4res_header header;
  reader(header);
  RES result{};
  for (std::size_t i = 0; i <= index; ++i) {
    nfs_opnum4 number{};
    reader(number);
    if (i == index) {
      reader(result);
    } else if (number == OP_SEQUENCE) {
      SEQUENCE4res begun;
      reader(begun);
    } else {
      status4res done;
      reader(done);
    }
  }
  if (!reader.ok()) {
    std::fprintf(stderr, "a reply was too short\n");
    std::exit(1);
  }
  return result;
}

bitmap4 bits(std::initializer_list<std::uint32_t> numbers) {
  bitmap4 made;
  for (const std::uint32_t number : numbers) made.set(number);
  return made;
}

}  // namespace

Operations& Operations::on(const nfs_fh4& file) { return add(OP_PUTFH, PUTFH4args{file}); }

Operations& Operations::getattr(bool changing) {
  static const bitmap4 all =
      bits({FATTR4_TYPE, FATTR4_CHANGE, FATTR4_SIZE, FATTR4_FSID, FATTR4_FILEID, FATTR4_MODE, FATTR4_NUMLINKS,
            FATTR4_OWNER, FATTR4_OWNER_GROUP, FATTR4_RAWDEV, FATTR4_SPACE_USED, FATTR4_TIME_ACCESS,
            FATTR4_TIME_METADATA, FATTR4_TIME_MODIFY, FATTR4_MOUNTED_ON_FILEID});
  static const bitmap4 changed =
      bits({FATTR4_CHANGE, FATTR4_SIZE, FATTR4_SPACE_USED, FATTR4_TIME_METADATA, FATTR4_TIME_MODIFY});
  return add(OP_GETATTR, GETATTR4args{changing ? changed : all});
}

Client41::Client41(Stack& stack) : stack_(stack) {
  const auto known = alone<EXCHANGE_ID4res>(
      OP_EXCHANGE_ID, EXCHANGE_ID4args{.eia_clientowner = {{}, xdr::opaque<NFS4_OPAQUE_LIMIT>::lend(bytes_of(owner))},
                                       .eia_state_protect = {},
                                       .eia_client_impl_id = {}});
  id_ = known.resok4.eir_clientid;
  const channel_attrs4 channel{.ca_maxrequestsize = 2 << 20,
                               .ca_maxresponsesize = 2 << 20,
                               .ca_maxresponsesize_cached = 4096,
                               .ca_maxoperations = 16,
                               .ca_maxrequests = slots + 1,
                               .ca_rdma_ird = {}};
  const auto created =
      alone<CREATE_SESSION4res>(OP_CREATE_SESSION, CREATE_SESSION4args{.csa_clientid = id_,
                                                                       .csa_sequence = known.resok4.eir_sequenceid,
                                                                       .csa_fore_chan_attrs = channel,
                                                                       .csa_back_chan_attrs = channel,
                                                                       .csa_sec_parms = {}});
  session_ = created.resok4.csr_sessionid;
  Operations operations;
  operations.add(OP_RECLAIM_COMPLETE, RECLAIM_COMPLETE4args{});
  ask(std::move(operations));
}

template <class RES, class ARGS>
RES Client41::alone(nfs_opnum4 number, const ARGS& arguments) {
  Operations operations;
  operations.add(number, arguments);
  return result_at<RES>(stack_.ask(nfs_call(++xid_, NFS_V4, NFSPROC4_COMPOUND, compound_of(operations))), 0);
}

Buffer Client41::compound(std::uint32_t slot, Operations operations, bool kept) {
  Operations all;
  all.add(OP_SEQUENCE, SEQUENCE4args{.sa_sessionid = session_,
                                     .sa_sequenceid = ++sequences_[slot],
                                     .sa_slotid = slot,
                                     .sa_highest_slotid = slots,
                                     .sa_cachethis = kept});
  xdr::Writer writer;
  writer(COMPOUND4args_header{.minorversion = 1, .count = 1 + operations.count()});
  writer.link(all.finish());
  writer.link(operations.finish());
  return nfs_call(++xid_, NFS_V4, NFSPROC4_COMPOUND, writer.finish());
}

BufferChain Client41::ask(Operations operations) { return stack_.ask(compound(slots, std::move(operations))); }

void Client41::add_open(Operations& operations, const std::string& name) const {
  OPEN4args args{.share_access = OPEN4_SHARE_ACCESS_BOTH,
                 .owner = {id_, xdr::opaque<NFS4_OPAQUE_LIMIT>::lend(bytes_of(owner))},
                 .openhow = {},
                 .claim = {}};
  args.claim.file = component4::lend(name);
  operations.add(OP_OPEN, args);
}

stateid4 Client41::open(const nfs_fh4& directory, const std::string& name) {
  Operations operations;
  operations.on(directory);
  add_open(operations, name);
  return result_at<OPEN4res>(ask(std::move(operations)), 2).resok4.stateid;
}

void Client41::close(const nfs_fh4& file, const stateid4& stateid) {
  Operations operations;
  operations.on(file).add(OP_CLOSE, CLOSE4args{.open_stateid = stateid});
  ask(std::move(operations));
}

}  // namespace ditto::test
