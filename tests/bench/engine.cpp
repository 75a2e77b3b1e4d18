#include "engine.hpp"

#include <sys/epoll.h>
#include <unistd.h>
#include <cerrno>
#include <cstring>

#include "process_cpu.hpp"

namespace bench {

namespace {

constexpr int silence_ms = 60'000;       // no reply at all for this long ends the measurement
constexpr std::uint32_t slot_bits = 10;  // of an xid; the rest is a sequence number
constexpr std::uint32_t slot_mask = (1u << slot_bits) - 1;
constexpr std::uint64_t errors_tolerated = 1000;

}  // namespace

struct Engine::Run {
  Workload& workload;
  bool starting = true;  // operations are still begun
  bool measuring = false;
  unsigned in_flight = 0;
  std::uint64_t units_before = 0;
  long long measured_since_ns = 0;
  double cpu_before = 0;
  Result result;
};

Engine::Engine(Target target, unsigned connections, unsigned in_flight, nfs3::Caller caller)
    : target_(std::move(target)), caller_(caller), waits_for_room_(connections) {
  if (connections == 0 || in_flight < connections || in_flight > slot_mask) {
    throw Failure{"in flight must be at least one per connection and at most " + std::to_string(slot_mask)};
  }
  epoll_ = ::epoll_create1(EPOLL_CLOEXEC);
  for (unsigned i = 0; i < connections; ++i) {
    connections_.push_back(std::make_unique<Connection>(target_.address, target_.port));
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u32 = i;
    ::epoll_ctl(epoll_, EPOLL_CTL_ADD, connections_[i]->fd(), &event);
  }
  slots_.resize(in_flight);
  for (unsigned i = 0; i < in_flight; ++i) {
    slots_[i].slot.number = i;
    slots_[i].slot.connection = i % connections;
  }
  // Different in every run, so that no server takes a request for the retry of an earlier one.
  sequence_ = static_cast<std::uint32_t>(now_ns() >> 10);
}

Engine::~Engine() {
  if (epoll_ >= 0) ::close(epoll_);
}

void Engine::send(Pending& pending, const Request& request, const std::string& args) {
  Connection& connection = *connections_[pending.slot.connection];
  pending.xid = (++sequence_ << slot_bits) | pending.slot.number;
  if (pending.xid <= slot_mask) pending.xid = (++sequence_ << slot_bits) | pending.slot.number;
  std::string& out = connection.out();
  std::size_t begin =
      nfs3::begin_call(out, pending.xid, nfs3::nfs_program, request.version, request.procedure, caller_);
  out += args;
  nfs3::end_call(out, begin, request.payload.size() + request.rest.size());
  if (!request.payload.empty()) connection.link(request.payload);
  connection.out() += request.rest;
}

bool Engine::begin_operation(Run& run, Pending& pending) {
  args_.clear();
  Request request(args_);
  if (!run.workload.start(pending.slot, request)) {
    run.starting = false;
    return false;
  }
  pending.begun_ns = now_ns();
  send(pending, request, args_);
  ++run.in_flight;
  return true;
}

void Engine::take_reply(Run& run, std::string_view record) {
  Reader in(record);
  std::uint32_t xid = in.u32();
  std::uint32_t number = xid & slot_mask;
  if (number >= slots_.size() || slots_[number].xid != xid) throw Failure{"a reply to no request"};
  Pending& pending = slots_[number];
  pending.xid = 0;
  try {
    if (!nfs3::accepted(in)) throw Unexpected{"the call was not accepted"};
    if (std::uint32_t status = in.u32(); status != 0) throw Unexpected{nfs3::status_name(status)};
    args_.clear();
    Request request(args_);
    Verdict verdict = run.workload.reply(pending.slot, in, request);
    if (!in.ok()) throw Unexpected{"the reply is too short"};
    if (verdict == Verdict::More) return send(pending, request, args_);
    ++run.result.operations;
  } catch (const Unexpected& unexpected) {
    if (run.result.first_error.empty()) run.result.first_error = unexpected.what;
    if (++run.result.errors > errors_tolerated) throw Failure{"too many errors, the first: " + run.result.first_error};
  }
  --run.in_flight;
  run.result.took(now_ns() - pending.begun_ns);
  if (run.starting) begin_operation(run, pending);
}

void Engine::take_replies(Run& run, Connection& connection) {
  connection.receive();
  for (;;) {
    std::string_view record = connection.next_record();
    if (record.empty()) return;
    take_reply(run, record);
  }
}

void Engine::wait_and_serve(Run& run) {
  for (std::size_t i = 0; i < connections_.size(); ++i) {
    connections_[i]->flush();
    bool wants = connections_[i]->wants_to_write();
    if (wants == waits_for_room_[i]) continue;
    waits_for_room_[i] = wants;
    epoll_event event{};
    event.events = EPOLLIN | (wants ? EPOLLOUT : 0u);
    event.data.u32 = static_cast<std::uint32_t>(i);
    ::epoll_ctl(epoll_, EPOLL_CTL_MOD, connections_[i]->fd(), &event);
  }
  epoll_event events[64];
  int count = ::epoll_wait(epoll_, events, 64, silence_ms);
  if (count == 0) throw Failure{"no reply for " + std::to_string(silence_ms / 1000) + " s"};
  for (int i = 0; i < count; ++i) {
    if ((events[i].events & ~EPOLLOUT) != 0) take_replies(run, *connections_[events[i].data.u32]);
  }
}

void Engine::close_measurement(Run& run) {
  for (;;) {
    args_.clear();
    Request request(args_);
    if (!run.workload.finish(request)) return;
    std::string reply = call(*connections_[0], nfs3::nfs_program, request.version, request.procedure, args_);
    if (std::uint32_t status = Reader(reply).u32(); status != 0) {
      ++run.result.errors;
      run.result.first_error = nfs3::status_name(status);
    }
  }
}

Result Engine::run(Workload& workload, double seconds, double warm_up) {
  Run run{.workload = workload};
  auto measure = [&] {
    run.result = Result{};
    run.units_before = workload.units();
    run.cpu_before = process_cpu_seconds(target_.pid);
    run.measured_since_ns = now_ns();
    run.measuring = true;
  };
  long long begun_ns = now_ns();
  if (warm_up <= 0) measure();
  for (Pending& pending : slots_) {
    pending.slot.cookie = pending.slot.cookie_verifier = pending.slot.index = 0;
    if (run.starting) begin_operation(run, pending);
  }
  while (run.in_flight > 0) {
    wait_and_serve(run);
    double elapsed = static_cast<double>(now_ns() - begun_ns) / 1e9;
    if (!run.measuring && elapsed >= warm_up) measure();
    if (seconds > 0 && elapsed >= warm_up + seconds) run.starting = false;
  }
  close_measurement(run);
  Result& result = run.result;
  result.seconds = static_cast<double>(now_ns() - run.measured_since_ns) / 1e9;
  result.cpu_seconds = process_cpu_seconds(target_.pid) - run.cpu_before;
  result.bytes = result.operations * workload.bytes_per_operation();
  std::uint64_t units = workload.units() - run.units_before;
  result.units = workload.units() != 0 ? units : result.operations;
  return std::move(run.result);
}

std::string Engine::call(Connection& connection, std::uint32_t program, std::uint32_t version, std::uint32_t procedure,
                         const std::string& args) {
  std::uint32_t xid = ++sequence_ << slot_bits | slot_mask;
  std::size_t begin = nfs3::begin_call(connection.out(), xid, program, version, procedure, caller_);
  connection.out() += args;
  nfs3::end_call(connection.out(), begin);
  Reader in(connection.exchange(silence_ms));
  if (in.u32() != xid) throw Failure{"a reply to no request"};
  if (!nfs3::accepted(in)) throw Failure{"program " + std::to_string(program) + " did not accept a call"};
  std::string rest;
  while (in.remaining() >= 4 && in.ok()) Writer(rest).u32(in.u32());
  return rest;
}

std::string Engine::mount() {
  std::string args;
  Writer(args).opaque(target_.export_path);
  Connection connection(target_.address, target_.mount_port);
  std::string reply = call(connection, nfs3::mount_program, nfs3::program_version, 1, args);
  Reader in(reply);
  if (std::uint32_t status = in.u32(); status != 0) {
    throw Failure{"MOUNT of " + target_.export_path + ": " + nfs3::status_name(status)};
  }
  return std::string(in.opaque(nfs3::handle_bytes));
}

std::string Engine::make_directory(const std::string& parent, const std::string& name) {
  std::string args;
  Writer writer(args);
  nfs3::put_name(writer, parent, name);
  nfs3::put_mode(writer, 0777);
  std::string reply = call(*connections_[0], nfs3::nfs_program, nfs3::program_version,
                           static_cast<std::uint32_t>(nfs3::Procedure::Mkdir), args);
  Reader in(reply);
  if (std::uint32_t status = in.u32(); status != 0) throw Failure{"MKDIR " + name + ": " + nfs3::status_name(status)};
  return nfs3::get_made(in).handle;
}

std::string Engine::compound(const Request& request, const std::string& args) {
  std::string reply = call(*connections_[0], nfs3::nfs_program, request.version, request.procedure, args);
  Reader in(reply);
  if (std::uint32_t status = in.u32(); status != 0) throw Failure{"a COMPOUND gave status " + std::to_string(status)};
  return reply.substr(4);
}

}  // namespace bench
