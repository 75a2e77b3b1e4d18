#include "rpc/answer.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <optional>

namespace ditto::rpc {
namespace {

/// A reply in the making: room for its record mark, then the message.
class Reply {
 public:
  explicit Reply(Framing framing) : message_(framing), writer_(message_.writer()), begin_(writer_.mark()) {}

  xdr::Writer& writer() noexcept { return writer_; }

  void accept(std::uint32_t xid, accept_stat stat) {
    writer_.rollback(begin_);
    writer_(accepted_reply{.xid = xid, .accepted = stat});
  }
  void mismatch(std::uint32_t xid, const mismatch_info& program) {
    accept(xid, accept_stat::PROG_MISMATCH);
    writer_(program);
  }
  void reject_version(std::uint32_t xid) {
    writer_(rejected_reply{.xid = xid, .rejected = reject_stat::RPC_MISMATCH}, mismatch_info{rpc_version, rpc_version});
  }
  void reject_auth(std::uint32_t xid, auth_stat why) {
    writer_(rejected_reply{.xid = xid, .rejected = reject_stat::AUTH_ERROR}, why);
  }
  /// `message` as it was given to the first; without one, the first has failed in the middle.
  void repeat(std::uint32_t xid, Bytes message) {
    if (message.empty()) return accept(xid, accept_stat::SYSTEM_ERR);
    writer_.put(message);
  }

  BufferChain finish() { return message_.finish(); }

 private:
  MessageWriter message_;
  xdr::Writer& writer_;
  const xdr::Writer::Mark begin_;
};

/// Reads a call up to its arguments. nullptr: it is answered, or, when the reply is empty, it was no call.
const Procedure* find_procedure(const Host& host, Call& call, const Program*& program, xdr::Reader& message,
                                Reply& reply, bool& is_call) {
  call_header header;
  message(header.xid, header.mtype, header.rpcvers);
  is_call = message.ok() && header.mtype == msg_type::CALL;
  if (!is_call) return nullptr;
  call.xid = header.xid;
  if (header.rpcvers != rpc_version) {
    reply.reject_version(call.xid);
    return nullptr;
  }
  message(call.program, call.version, call.procedure);
  is_call = message.ok();
  if (!is_call) return nullptr;

  if (const auth_stat read = read_auth(message, call); read != auth_stat::AUTH_OK) {
    reply.reject_auth(call.xid, read);
    return nullptr;
  }
  const Programs::Found found = host.programs.find(call.program, call.version);
  if (!found.program) {
    if (found.why == accept_stat::PROG_MISMATCH) {
      reply.mismatch(call.xid, found.versions);
    } else {
      reply.accept(call.xid, found.why);
    }
    return nullptr;
  }
  program = found.program;
  const Procedure* procedure = program->find(call.procedure);
  if (!procedure) reply.accept(call.xid, accept_stat::PROC_UNAVAIL);
  return procedure;
}

void log_exception(const Call& call, const Program& program, const Procedure& procedure, const char* what) noexcept {
  try {
    call.log.error(fmt::format("{} {} from {} (xid {:#010x}) failed: {}", program.name(), procedure.name,
                               to_string(call.peer), call.xid, what));
  } catch (...) {
    // There is no memory even to say so; the client hears SYSTEM_ERR.
  }
}

ReplyCache::Key cache_key(const Host& host, const Call& call, const BufferChain& message, const xdr::Reader& reader) {
  std::array<std::byte, ReplyCache::checked_bytes> first;
  const std::size_t size = std::min(first.size(), reader.remaining());
  message.copy_to(message.size() - reader.remaining(), MutableBytes(first).first(size));
  return host.replies.key_of(call, Bytes(first).first(size));
}

}  // namespace

Task<BufferChain> answer(const Host& host, Call& call, const BufferChain& message, Framing framing) {
  const Epochs::Reader reading(host.epochs, &call.loop);
  Reply reply(framing);
  xdr::Reader reader(message);
  const Program* program = nullptr;
  bool is_call = false;
  const Procedure* procedure = find_procedure(host, call, program, reader, reply, is_call);
  if (!is_call) co_return BufferChain();

  if (!procedure) co_return reply.finish();

  std::optional<ReplyCache::Execution> execution;
  if (procedure->judge(reader) == Replay::Cached) {
    const ReplyCache::Key key = cache_key(host, call, message, reader);
    execution.emplace(co_await host.replies.enter(key, call.loop));
    if (!execution->is_first()) {
      reply.repeat(call.xid, execution->reply().bytes());
      co_return reply.finish();
    }
  }

  accept_stat stat = accept_stat::SYSTEM_ERR;
  try {
    reply.accept(call.xid, accept_stat::SUCCESS);
    stat = co_await procedure->invoke(program->service(), call, reader, reply.writer());
  } catch (const std::exception& exception) {
    log_exception(call, *program, *procedure, exception.what());
  } catch (...) {
    log_exception(call, *program, *procedure, "an exception of unknown type");
  }
  if (stat != accept_stat::SUCCESS) reply.accept(call.xid, stat);

  BufferChain finished = reply.finish();
  if (execution) {
    const std::size_t mark = framing == Framing::Record ? record_mark_bytes : 0;
    const auto keep = call.keep_reply ? ReplyCache::Keep::Yes : ReplyCache::Keep::No;
    execution->finish(finished.slice(mark, finished.size() - mark), keep);
  }
  co_return finished;
}

}  // namespace ditto::rpc
