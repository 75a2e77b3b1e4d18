// What clients answer to CB_COMPOUND. The first byte chooses how an answer is cut into slices; then come answers, each
// a byte that says what it is, a length, and that many bytes: results as they are, results of the right form with
// statuses out of the input, a failed call, a connection bound anew, time. Whatever comes: it is taken for the same
// however it is cut, no more is sent than was answered, and in the end nothing waits any more.
#include <algorithm>
#include <memory>
#include <optional>
#include <vector>

#include "fuzz/decoder.hpp"
#include "fuzz/nfs4_world.hpp"
#include "nfs/v4/callbacks/security.hpp"
#include "nfs/v4/compound_header.hpp"

using namespace ditto;
using namespace ditto::nfs4;
using namespace ditto::test;
using enum nfs_cb_opnum4;

namespace {

constexpr state::ConnectionId connection = 5;
constexpr int recalls = 6, notices = 3;
constexpr std::uint32_t slots = 4;
enum class Kind : std::uint8_t { Results, Form, Failure, Bind, Time };
constexpr std::size_t kinds = 5, answer_header = 2;

bool same(const std::optional<CallbackAnswer>& a, const std::optional<CallbackAnswer>& b) {
  if (!a || !b) return a.has_value() == b.has_value();
  return a->sequence == b->sequence && a->operation == b->operation && a->slot.csr_slotid == b->slot.csr_slotid;
}

/// Answers with what the input has; then there is nobody any more.
class Client final : public rpc::Remote {
 public:
  Client(Bytes input, std::uint8_t how) : left(input), how_(how) {}

  Task<rpc::CallResult> call(rpc::OutgoingCall call, Executor&) override {
    ++called;
    CB_SEQUENCE4args sequence;
    CB_COMPOUND4args_header header;
    nfs_cb_opnum4 first{}, second{};
    xdr::Reader reader(call.arguments);
    reader(header, first, sequence, second);
    DITTO_ASSERT(reader.ok() && first == OP_CB_SEQUENCE && header.count == 2 && sequence.csa_slotid < slots);
    if (left.size() < answer_header || kind() > Kind::Failure) co_return rpc::call_failed(rpc::CallFailure::TimedOut);
    const Kind what = kind();
    const Bytes bytes = take();
    switch (what) {
      case Kind::Failure:
        co_return rpc::call_failed(
            static_cast<rpc::CallFailure>(bytes.empty() ? 0 : std::to_integer<int>(bytes[0]) % 12));
      case Kind::Form: co_return checked(form(sequence, second, bytes));
      default: co_return checked(Buffer::copy_of(bytes));
    }
  }
  bool gone() const noexcept override { return false; }

  Kind kind() const { return static_cast<Kind>(std::to_integer<std::size_t>(left[0]) % kinds); }
  Bytes take() {
    const std::size_t length =
        std::min<std::size_t>(std::to_integer<std::size_t>(left[1]), left.size() - answer_header);
    const Bytes bytes = left.subspan(answer_header, length);
    left = left.subspan(answer_header + length);
    return bytes;
  }

  Bytes left;
  std::uint64_t called = 0;

 private:
  BufferChain checked(const Buffer& results) const {
    const BufferChain whole(results);
    BufferChain pieces = fuzz::cut(results.bytes(), how_);
    for (const bool sequenced : {false, true}) {
      for (const auto number : {OP_CB_RECALL, OP_CB_NOTIFY, OP_CB_NOTIFY_LOCK, OP_CB_OFFLOAD}) {
        DITTO_ASSERT(same(decode_callback(whole, sequenced, number), decode_callback(pieces, sequenced, number)));
      }
    }
    return pieces;
  }
  /// With the statuses that two bytes of the input choose.
  static Buffer form(const CB_SEQUENCE4args& call, nfs_cb_opnum4 number, Bytes bytes) {
    const auto status = [&](std::size_t i) {
      const auto chosen = i < bytes.size() ? std::to_integer<std::uint32_t>(bytes[i]) : 0;
      return static_cast<nfsstat4>(chosen == 0 ? 0 : 10000 + chosen % 97);
    };
    CB_COMPOUND4res_header header;
    const bool runs = status(0) == nfsstat4::NFS4_OK;
    header.status = runs ? status(1) : status(0);
    header.count = runs ? 2 : 1;
    CB_SEQUENCE4res sequence{.status = status(0)};
    sequence.resok4 = {.csr_sessionid = call.csa_sessionid,
                       .csr_sequenceid = call.csa_sequenceid,
                       .csr_slotid = call.csa_slotid,
                       .csr_highest_slotid = slots - 1,
                       .csr_target_highest_slotid = static_cast<slotid4>(bytes.size() % slots)};
    xdr::Writer writer;
    writer(header, OP_CB_SEQUENCE, sequence);
    if (runs) writer(number, status4res{status(1)});
    return writer.finish().coalesce();
  }

  const std::uint8_t how_;
};

/// A client with a session, whose connection is for callbacks.
std::shared_ptr<state::Session> make_session(Nfs4World& world) {
  state::Clients& clients = world.keeper().clients();
  state::ClientEffects effects;
  const auto known = clients.exchange_id({.owner = "c", .verifier = 1, .principal = "p"}, false, 0, effects);
  callback_sec_parms4_list security;
  security.emplace_back().cb_secflavor = rpc::AuthFlavor::None;
  const state::ChannelAttributes channel{.max_request = 4096,
                                         .max_response = 4096,
                                         .max_response_cached = 1024,
                                         .max_operations = 8,
                                         .max_requests = slots};
  const auto created = clients.create_session({.client = known->id,
                                               .sequence = known->sequence,
                                               .fore = channel,
                                               .back = channel,
                                               .callbacks = true,
                                               .control = control_of(1, security)},
                                              "p", connection, 0, effects);
  world.keeper().deliver(effects);
  return clients.session(created->id);
}

}  // namespace

void fuzz::one(Bytes input) {
  if (input.empty()) return;
  Nfs4World world;
  const auto client = std::make_shared<Client>(input.subspan(1), std::to_integer<std::uint8_t>(input[0]));
  const auto session = make_session(world);
  world.callbacks().channels()->add(connection, client);
  const state::ClientId id = session->client()->id;
  for (state::GrantId grant = 1; grant <= recalls; ++grant) {
    DITTO_ASSERT(session->client()->grants.add());
    const Delegated delegated{.client = id, .stateid = {}, .handle = {}, .request = {}};
    world.callbacks().delegations().note(grant, delegated);
    if (grant <= notices) world.callbacks().notify(delegated, grant, {}, {});
    world.callbacks().recall({.file = {}, .grant = grant, .holder = {id, {}}});
  }
  world.settle();
  while (client->left.size() >= answer_header) {
    const Kind kind = client->kind();
    const Bytes bytes = client->take();
    if (kind == Kind::Bind) {
      if (session->bind(connection, state::Direction::ForeOrBoth)) world.callbacks().channel_came(id);
      world.settle();
    } else {
      world.wait_seconds(bytes.empty() ? 1 : std::to_integer<std::uint8_t>(bytes[0]) % 32);
    }
  }
  const CallbackCounts counts = world.callbacks().counts();
  DITTO_ASSERT(counts.sent == client->called && counts.recalls + counts.directory_notices == counts.sent);
  DITTO_ASSERT(counts.answered + counts.timed_out + counts.lost <= counts.sent);
  for (int i = 0; i < 2; ++i) world.wait_seconds(200);
  DITTO_ASSERT(world.callbacks().waiting() == 0);
}

std::vector<std::byte> fuzz::seed(std::uint64_t number) {
  xdr::Sampler draw(number);
  std::vector<std::byte> input{static_cast<std::byte>(number)};
  for (std::size_t answers = 1 + draw.below(20); answers > 0; --answers) {
    const std::size_t kind = draw.below(3) == 0 ? draw.below(kinds) : 1;
    const std::size_t length = draw.below(4);
    input.push_back(static_cast<std::byte>(kind));
    input.push_back(static_cast<std::byte>(length));
    for (std::size_t i = 0; i < length; ++i) input.push_back(static_cast<std::byte>(draw.coin() ? 0 : draw.next()));
  }
  return input;
}
