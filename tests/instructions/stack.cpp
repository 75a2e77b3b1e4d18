#include "instructions/stack.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <utility>

#include "base/log.hpp"
#include "nfs/v3/attributes.hpp"
#include "nfs/v4/place.hpp"

namespace ditto::test {
namespace {

constexpr std::size_t pool_threads = 2;
/// Checkpoints come at the end, when the store is closed: the same work in every run, however slow the machine.
constexpr std::chrono::hours never{1};
/// A checker of instructions has less address space than a server.
constexpr std::size_t map_bytes = std::size_t{4} << 30;

[[noreturn]] void give_up(std::string_view why) {
  std::fprintf(stderr, "%.*s\n", static_cast<int>(why.size()), why.data());
  std::exit(1);
}

template <class T>
T need(Result<T> result, std::string_view what) {
  if (!result) give_up(std::string(what) + ": " + std::string(to_string(result.error())));
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

template <class T, class E>
T opened(std::expected<T, E> result, std::string_view what) {
  if (!result) give_up(what);
  return *std::move(result);
}

}  // namespace

void SleepingLoop::post(Job& job) {
  {
    const std::lock_guard lock(mutex_);
    job.next = nullptr;
    (last_ ? last_->next : first_) = &job;
    last_ = &job;
  }
  wake_.notify_one();
}

void SleepingLoop::turn() {
  Job* job = nullptr;
  {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return first_ != nullptr; });
    job = std::exchange(first_, nullptr);
    last_ = nullptr;
  }
  while (job) {
    Job* const next = job->next;
    job->run(job);
    job = next;
  }
}

void CountingTransport::send(BufferChain reply) {
  constexpr std::size_t accept_stat_at = 24;  // behind mark, xid, type, stat and an empty verifier; a status follows
  std::byte words[8];
  reply.copy_to(accept_stat_at, words);
  if (load_be<std::uint64_t>(words) != 0) give_up("a call failed");
  ++replies;
  connection->taken(reply.size());
  if (keeps_last) last = std::move(reply);
}

void CountingTransport::close(std::string_view reason) { give_up(reason); }

Stack::Stack(const std::string& directory)
    : store_(opened(
          store::open_local_store(directory, null_log(),
                                  {.map_bytes = map_bytes,
                                   // One checkpoint, at the end: where another falls would decide what is counted.
                                   .memory_bytes = std::size_t{1} << 30,
                                   .flush_interval = never,
                                   .checkpoint_interval = never}),
          "the store cannot be opened")),
      fs_(opened(vfs::DittoFs::open(store_->kv, store_->data, system_clock(), random_, null_log()),
                 "the file system cannot be opened")),
      replies_({}, random_),
      pool_(pool_threads),
      host_{.programs = programs_,
            .replies = replies_,
            .in_flight = in_flight_,
            .pool = pool_,
            .clock = system_clock(),
            .log = null_log()} {
  need(shares_.add(std::make_shared<gate::Share>(1, "export", fs_, fs_->root(),
                                                 gate::ShareRules{.squash = gate::Squash::None})),
       "the share");
  need(programs_.add(nfs3::program(service_)), "the program");
  need(programs_.add(nfs4::program(service4_)), "the program");
  connection_ = std::make_unique<rpc::Connection>(host_, loop_, alarms_, rpc::Peer{.port = 700}, transport_);
  transport_.connection = connection_.get();
}

Stack::~Stack() = default;

vfs::Context Stack::context() const {
  static const vfs::Credential root = vfs::Credential::root();
  return {.who = root, .now = system_clock().now(), .blocking = vfs::Blocking::Allowed};
}

vfs::NodeId Stack::make(vfs::NodeId directory, std::string_view name, vfs::FileType type) {
  vfs::Context context = this->context();
  const auto pin = need(fs_->pin(context, directory), "a directory");
  return need(fs_->create(context, *pin, name, {.type = type}), name).node.id;
}

void Stack::write(vfs::NodeId file, std::uint64_t size_bytes) {
  vfs::Context context = this->context();
  const auto pin = need(fs_->pin(context, file), "a file");
  Buffer block = Buffer::allocate(std::min<std::uint64_t>(limits::io_bytes, size_bytes));
  std::ranges::fill(block.writable(), std::byte{0x5a});
  const BufferChain data(std::move(block));
  for (std::uint64_t offset = 0; offset < size_bytes; offset += data.size()) {
    need(fs_->write(context, *pin, offset, data, vfs::Stability::Unstable), "a write");
  }
  need(fs_->commit(context, *pin, 0, 0), "a commit");
}

nfs3::nfs_fh3 Stack::filehandle(vfs::NodeId node) const { return nfs3::filehandle_of(node, *shares_.all().front()); }

nfs4::nfs_fh4 Stack::filehandle4(vfs::NodeId node) const {
  return nfs4::filehandle_of({.share = shares_.all().front().get(), .node = node});
}

BufferChain Stack::ask(Buffer record) {
  constexpr std::size_t results_at = 28;  // behind accept_stat
  transport_.keeps_last = true;
  answer({std::move(record)}, 1);
  transport_.keeps_last = false;
  BufferChain reply = std::exchange(transport_.last, {});
  reply.remove_prefix(results_at);
  return reply;
}

void Stack::answer(const std::vector<Buffer>& pieces, std::size_t calls) {
  const std::size_t expected = transport_.replies + calls;
  for (const Buffer& piece : pieces) connection_->received(piece);
  while (transport_.replies < expected) loop_.turn();
}

}  // namespace ditto::test
