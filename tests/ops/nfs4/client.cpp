#include "ops/nfs4/client.hpp"

#include "base/log.hpp"
#include "rpc/message.hpp"

namespace ditto::test::v4 {

using namespace ditto::nfs4;

Ops& Ops::getattr(std::initializer_list<std::uint32_t> numbers) {
  return add(nfs_opnum4::OP_GETATTR, GETATTR4args{bits(numbers)});
}

Results::Results(BufferChain all) : bytes_(std::make_unique<const BufferChain>(std::move(all))), reader_(*bytes_) {
  COMPOUND4res_header header;
  reader_(header);
  REQUIRE(reader_.ok());
  status = header.status;
  tag = std::string(header.tag.view());
  count = header.count;
}

nfs_opnum4 Results::next_number() {
  nfs_opnum4 number{};
  reader_(number);
  REQUIRE(reader_.ok());
  return number;
}

Results& Results::skip(std::initializer_list<nfs_opnum4> numbers) {
  for (const nfs_opnum4 number : numbers) REQUIRE(next<status4res>(number).status == nfsstat4::NFS4_OK);
  return *this;
}

Results& Results::went(std::size_t lookups) {
  skip({nfs_opnum4::OP_PUTROOTFH});
  for (; lookups > 0; --lookups) skip({nfs_opnum4::OP_LOOKUP});
  return *this;
}

SEQUENCE4res OneSession::sequence(Compound& compound, const SEQUENCE4args& args) {
  request_bytes = compound.request_bytes;
  operations = compound.count;
  if (retry) {
    compound.repeat = kept;
    return {};
  }
  ++taken;
  compound.slot = this;
  compound.limit_reply(reply_bytes, beyond);
  return {.resok4 = {.sr_sessionid = args.sa_sessionid}};
}

void OneSession::end(const BufferChain* reply) noexcept {
  ++(reply ? ended : lost);
  if (reply) kept = *reply;
}

Client::Client(World& over, const nfs4::IdMap& ids) : world(over), service{.shares = over.shares, .ids = ids} {
  service.sessions = &session;
  REQUIRE(programs_.add(program(service)));
}

BufferChain Client::arguments(const Ops& ops, bool plain) const {
  xdr::Writer writer;
  const bool sequenced = minor > 0 && !plain;
  writer(COMPOUND4args_header{utf8str_cs::lend(tag), minor, ops.count() + (sequenced ? 1 : 0)});
  if (sequenced) writer(nfs_opnum4::OP_SEQUENCE, sequence);
  writer.link(ops.encoded());
  return writer.finish();
}

BufferChain Client::call_message(const BufferChain& arguments, std::uint32_t procedure) const {
  xdr::Writer writer;
  writer(rpc::call_header{.xid = xid, .prog = NFS4_PROGRAM, .vers = NFS_V4, .proc = procedure});
  rpc::authsys_parms claims{.uid = world.caller.uid, .gid = world.caller.gid};
  for (const std::uint32_t group : world.caller.groups()) claims.gids.push_back(group);
  const Buffer body = xdr::encode(claims).coalesce();
  rpc::opaque_auth credential{.flavor = world.flavor};
  if (world.flavor == rpc::AuthFlavor::Sys) credential.body = xdr::opaque<400>::lend(body.bytes());
  writer(credential, rpc::opaque_auth{});
  writer.link(arguments);
  return writer.finish();
}

void Client::turn() {
  while (world.pool.run() + world.loop.run() > 0) {
  }
}

namespace {
Detached drive(const rpc::Host& host, Client& client, BufferChain message, std::optional<BufferChain>& reply) {
  rpc::Call call = rpc::new_call(host, client.world.loop, client.world.peer);
  call.reply_room = client.room;
  call.backchannel_source = client.backchannel;
  call.attachment = &client.connection;
  reply = co_await rpc::answer(host, call, message, rpc::Framing::Datagram);
}
}  // namespace

void Client::answer(const BufferChain& call) {
  std::optional<BufferChain> reply;
  drive(host_, *this, call, reply);
  REQUIRE(reply);
}

void Client::start(BufferChain arguments, std::optional<BufferChain>& reply) {
  drive(host_, *this, call_message(arguments, 1), reply);
  turn();
}

BufferChain Client::message(const BufferChain& arguments, std::uint32_t procedure) {
  std::optional<BufferChain> reply;
  drive(host_, *this, call_message(arguments, procedure), reply);
  turn();
  while (!reply) {
    REQUIRE(world.loop.wait());  // for the threads of a store
    turn();
  }
  ++xid;
  return *reply;
}

BufferChain Client::body(const BufferChain& message) {
  const std::size_t header = xdr::bound<rpc::accepted_reply>();
  REQUIRE(message.size() >= header);
  const BufferChain front = message.slice(0, header);
  const auto accepted = xdr::decode<rpc::accepted_reply>(front);
  REQUIRE(accepted);
  REQUIRE(accepted->accepted == rpc::accept_stat::SUCCESS);
  return message.slice(header, message.size() - header);
}

Results Client::run(const Ops& ops) {
  ++sequence.sa_sequenceid;
  Results results(body(message(arguments(ops))));
  if (minor > 0) {
    REQUIRE(results.count > 0);
    REQUIRE(results.next<SEQUENCE4res>(nfs_opnum4::OP_SEQUENCE).status == nfsstat4::NFS4_OK);
  }
  return results;
}

nfs_fh4 Client::handle(std::initializer_list<std::string_view> path) {
  Results results = run(Ops().go(path).getfh());
  return results.went(path.size()).next<GETFH4res>(nfs_opnum4::OP_GETFH).resok4.object;
}

bitmap4 bits(std::initializer_list<std::uint32_t> numbers) {
  bitmap4 made;
  for (const std::uint32_t number : numbers) made.set(number);
  return made;
}

nfs_fh4 same_handle(const nfs_fh3& handle) { return nfs_fh4(handle.data.bytes()); }

bool same_bits(const bitmap4& a, const bitmap4& b) {
  for (std::uint32_t number = 0; number < bitmap_words * 32; ++number) {
    if (a.has(number) != b.has(number)) return false;
  }
  return true;
}

stateid4 bypass() {
  stateid4 ones{.seqid = NFS4_UINT32_MAX, .other = {}};
  ones.other.fill(std::byte{0xff});
  return ones;
}

}  // namespace ditto::test::v4
