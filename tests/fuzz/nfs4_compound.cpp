// Whole COMPOUNDs of NFSv4 against a world in memory: the first byte says how the arguments, which are all
// the rest, are cut into slices. Whatever the bytes are: there is one reply, it keeps to its limit, and says no more
// results than there were operations; and in a world like the first, the same bytes in one piece get the same reply.
#include <memory>
#include <optional>

#include "base/log.hpp"
#include "fuzz/decoder.hpp"
#include "nfs/v4/attributes.hpp"
#include "nfs/v4/compound.hpp"
#include "nfs/v4/compound_header.hpp"
#include "nfs/v4/messages/file.hpp"
#include "nfs/v4/messages/filehandles.hpp"
#include "nfs/v4/messages/names.hpp"
#include "nfs/v4/messages/security.hpp"
#include "nfs/v4/messages/sparse.hpp"
#include "nfs/v4/messages/xattrs.hpp"
#include "nfs/v4/opnum.hpp"
#include "nfs/v4/service.hpp"
#include "nfs/v4/sessions.hpp"
#include "rpc/answer.hpp"
#include "store/store.hpp"
#include "support/manual_clock.hpp"
#include "support/manual_loop.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using enum nfs_opnum4;

namespace {

/// Every session is good, and has room for little.
class AnySession final : public Sessions, public Slot {
 public:
  int open = 0;
  SEQUENCE4res sequence(Compound& compound, const SEQUENCE4args& args) override {
    ++open;
    compound.slot = this;
    compound.limit_reply(limit, nfsstat4::NFS4ERR_REP_TOO_BIG);
    return SEQUENCE4res{.resok4 = {.sr_sessionid = args.sa_sessionid}};
  }
  void end(const BufferChain*) noexcept override { --open; }
  static constexpr std::size_t limit = 4096;
};

class Server {
 public:
  Server() {
    auto opened = vfs::DittoFs::open(stores_->kv, stores_->data, clock_, random_, null_log(), {.root_mode = 0777});
    DITTO_ASSERT(opened);
    fs_ = *std::move(opened);
    DITTO_ASSERT(shares_.add(
        std::make_shared<gate::Share>(11, "export", fs_, fs_->root(), gate::ShareRules{.squash = gate::Squash::None})));
    service_.sessions = &session_;
    DITTO_ASSERT(programs_.add(program(service_)));
  }

  BufferChain answer(const BufferChain& arguments) {
    xdr::Writer writer;
    writer(rpc::call_header{.prog = NFS4_PROGRAM, .vers = NFS_V4, .proc = NFSPROC4_COMPOUND});
    const Buffer root = xdr::encode(rpc::authsys_parms{}).coalesce();
    writer(rpc::opaque_auth{rpc::AuthFlavor::Sys, xdr::opaque<400>::lend(root.bytes())}, rpc::opaque_auth{});
    writer.link(arguments);
    const BufferChain message = writer.finish();
    rpc::Call call = rpc::new_call(host_, loop_, {});
    std::optional<BufferChain> reply;
    drive(host_, call, message, reply);
    while (pool_.run() + loop_.run() > 0) {
    }
    DITTO_ASSERT(reply && session_.open == 0);
    return *std::move(reply);
  }

 private:
  static Detached drive(const rpc::Host& host, rpc::Call& call, const BufferChain& message,
                        std::optional<BufferChain>& reply) {
    reply = co_await rpc::answer(host, call, message, rpc::Framing::Datagram);
  }

  ManualClock clock_;
  SeededRandom random_;
  ManualLoop loop_, pool_;
  std::unique_ptr<store::Store> stores_ = store::memory_store();
  std::shared_ptr<vfs::DittoFs> fs_;
  gate::Shares shares_;
  AnySession session_;
  Service service_{.shares = shares_};
  rpc::Programs programs_;
  rpc::ReplyCache replies_{{}, random_};
  rpc::InFlightPool in_flight_{std::size_t{1} << 24};
  rpc::Host host_{.programs = programs_,
                  .replies = replies_,
                  .in_flight = in_flight_,
                  .pool = pool_,
                  .clock = clock_,
                  .log = null_log()};
};

void check(const BufferChain& arguments, const BufferChain& reply) {
  xdr::Reader asked(arguments), told(reply);
  COMPOUND4args_header header;
  rpc::accepted_reply accepted;
  COMPOUND4res_header results;
  asked(header);
  told(accepted);
  DITTO_ASSERT(told.ok() && accepted.stat == rpc::reply_stat::MSG_ACCEPTED);
  if (!asked.ok()) {
    DITTO_ASSERT(accepted.accepted == rpc::accept_stat::GARBAGE_ARGS && told.finish());
    return;
  }
  told(results);
  DITTO_ASSERT(accepted.accepted == rpc::accept_stat::SUCCESS && told.ok());
  DITTO_ASSERT(results.tag == header.tag && results.count <= header.count);
  constexpr std::uint32_t max_operations = 64;  // of a Service that was told nothing else
  DITTO_ASSERT(results.count <= max_operations);
  // A tag that fills the reply leaves no room, and is told all the same.
  const std::size_t own = header.minorversion == 0 ? Compound::max_reply_bytes : AnySession::limit;
  DITTO_ASSERT(reply.size() <= own + header.tag.size() + 64);
}

template <class Args>
void add(xdr::Writer& writer, nfs_opnum4 number, xdr::Sampler& draw) {
  writer(number, xdr::sample<Args>(draw.next()));
}

void add_operation(xdr::Writer& writer, xdr::Sampler& draw) {
  switch (draw.below(34)) {
    case 0: return writer(OP_PUTROOTFH);
    case 1: return writer(OP_GETFH);
    case 2: return writer(OP_SAVEFH);
    case 3: return writer(OP_RESTOREFH);
    case 4: return writer(OP_LOOKUPP);
    case 5: return writer(OP_LOOKUP, LOOKUP4args{component4::lend("export")});
    case 6: return writer(OP_LOOKUP, LOOKUP4args{component4::lend("d")});
    case 7:
      return writer(OP_READDIR, READDIR4args{.maxcount = 8192, .attr_request = xdr::sample<bitmap4>(draw.next())});
    case 8: {
      CREATE4args args{.objname = component4::lend("d"), .createattrs = {}};
      args.objtype.type = static_cast<nfs_ftype4>(draw.below(9));
      return writer(OP_CREATE, args);
    }
    case 9: return writer(OP_REMOVE, REMOVE4args{component4::lend("d")});
    case 10: return writer(OP_RENAME, RENAME4args{component4::lend("d"), component4::lend("e")});
    case 11: return writer(OP_LINK, LINK4args{component4::lend("l")});
    case 12: return writer(OP_READ, READ4args{{}, draw.below(10), 100});
    case 13: return add<SETATTR4args>(writer, OP_SETATTR, draw);
    case 14: return add<VERIFY4args>(writer, OP_VERIFY, draw);
    case 15: return add<NVERIFY4args>(writer, OP_NVERIFY, draw);
    case 16: return add<WRITE4args>(writer, OP_WRITE, draw);
    case 17: return add<PUTFH4args>(writer, OP_PUTFH, draw);
    case 18: return add<SECINFO4args>(writer, OP_SECINFO, draw);
    case 19: return writer(OP_READLINK);
    case 20: return add<ACCESS4args>(writer, OP_ACCESS, draw);
    case 21: return add<COMMIT4args>(writer, OP_COMMIT, draw);
    case 22: return writer(OP_ALLOCATE, ALLOCATE4args{{}, draw.below(20'000), 1 + draw.below(20'000)});
    case 23: return writer(OP_DEALLOCATE, DEALLOCATE4args{{}, draw.below(20'000), draw.next()});
    case 24: return writer(OP_SEEK, SEEK4args{{}, draw.below(20'000), static_cast<data_content4>(draw.below(3))});
    case 25: return writer(OP_READ_PLUS, READ_PLUS4args{{}, draw.below(20'000), 100});
    case 26: return add<IO_ADVISE4args>(writer, OP_IO_ADVISE, draw);
    case 27: return writer(OP_GETXATTR, GETXATTR4args{xattrkey4::lend("x")});
    case 28:
      return writer(OP_SETXATTR, SETXATTR4args{static_cast<setxattr_option4>(draw.below(3)), xattrkey4::lend("x"),
                                               xattrvalue4::lend(bytes_of("value"))});
    case 29: return writer(OP_LISTXATTRS, LISTXATTRS4args{draw.below(2), 4096});
    case 30: return writer(OP_REMOVEXATTR, REMOVEXATTR4args{xattrkey4::lend("x")});
    case 31: return writer(OP_OPENATTR, OPENATTR4args{draw.below(2) != 0});
    default: return add<GETATTR4args>(writer, OP_GETATTR, draw);
  }
}

}  // namespace

void fuzz::one(Bytes input) {
  if (input.empty()) return;
  const Bytes arguments = input.subspan(1);
  const BufferChain whole(Buffer::copy_of(arguments));
  const BufferChain pieces = cut(arguments, std::to_integer<std::uint8_t>(input[0]));
  Server first, second;
  const BufferChain reply = first.answer(whole);
  check(whole, reply);
  DITTO_ASSERT(second.answer(pieces) == reply);
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  xdr::Writer writer;
  const std::uint32_t minor = number % 3;
  const auto operations = static_cast<std::uint32_t>(1 + draw.below(8));
  writer(COMPOUND4args_header{.minorversion = minor, .count = 2 + (minor > 0 ? 1 : 0) + operations});
  if (minor > 0) writer(OP_SEQUENCE, SEQUENCE4args{});
  writer(OP_PUTROOTFH, OP_LOOKUP, LOOKUP4args{component4::lend("export")});
  for (std::uint32_t i = 0; i < operations; ++i) add_operation(writer, draw);
  const BufferChain encoded = writer.finish();
  std::vector<std::byte> input(1 + encoded.size());
  input[0] = static_cast<std::byte>(draw.next());
  encoded.copy_to(0, MutableBytes(input).subspan(1));
  return input;
}
