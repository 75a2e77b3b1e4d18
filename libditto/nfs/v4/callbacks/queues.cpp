#include "nfs/v4/callbacks/queues.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ditto::nfs4 {

bool CallbackQueues::add(state::ClientId client, std::uint32_t most_workers, Message message) {
  const std::lock_guard lock(mutex_);
  Line& line = lines_[client];
  line.most_workers = most_workers;
  const bool room = line.waiting.size() < most_of_a_client && size_ < most;
  if (room) {
    line.waiting.push_back(std::move(message));
    ++size_;
  } else if (line.waiting.empty() && line.workers == 0) {
    lines_.erase(client);
  }
  return room;
}

std::uint32_t CallbackQueues::start(state::ClientId client, state::Moment now) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(client);
  if (found == lines_.end()) return 0;
  Line& line = found->second;
  const auto due = std::ranges::count_if(line.waiting, [&](const Message& each) { return each.not_before <= now; });
  const auto wanted = static_cast<std::uint32_t>(std::min<std::ptrdiff_t>(due, line.most_workers - line.workers));
  line.workers += wanted;
  return wanted;
}

std::optional<Message> CallbackQueues::next(state::ClientId client, state::Moment now) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(client);
  if (found == lines_.end()) return std::nullopt;
  std::deque<Message>& waiting = found->second.waiting;
  const auto due = std::ranges::find_if(waiting, [&](const Message& each) { return each.not_before <= now; });
  if (due == waiting.end()) {
    end_worker(found);
    return std::nullopt;
  }
  std::optional<Message> message(std::move(*due));
  waiting.erase(due);
  --size_;
  return message;
}

void CallbackQueues::put_back(state::ClientId client, Message message) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(client);
  if (found == lines_.end()) return;
  found->second.waiting.push_front(std::move(message));
  ++size_;
}

void CallbackQueues::stop(state::ClientId client) {
  const std::lock_guard lock(mutex_);
  if (const auto found = lines_.find(client); found != lines_.end()) end_worker(found);
}

void CallbackQueues::end_worker(Lines::iterator line) {
  --line->second.workers;
  if (line->second.workers == 0 && line->second.waiting.empty()) lines_.erase(line);
}

void CallbackQueues::cancel_recall(state::ClientId client, state::GrantId grant) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(client);
  if (found == lines_.end()) return;
  Line& line = found->second;
  size_ -= std::erase_if(line.waiting, [&](const Message& each) { return each.grant == grant && !each.sent; });
  if (line.waiting.empty() && line.workers == 0) lines_.erase(found);
}

std::vector<Message> CallbackQueues::expire(state::Moment now) {
  std::vector<Message> over;
  const std::lock_guard lock(mutex_);
  const auto is_over = [&](const Message& message) { return message.until <= now; };
  for (auto at = lines_.begin(); at != lines_.end();) {
    Line& line = at->second;
    std::ranges::copy_if(line.waiting, std::back_inserter(over), is_over);
    std::erase_if(line.waiting, is_over);
    at = line.waiting.empty() && line.workers == 0 ? lines_.erase(at) : std::next(at);
  }
  size_ -= over.size();
  return over;
}

void CallbackQueues::drop(state::ClientId client) {
  const std::lock_guard lock(mutex_);
  const auto found = lines_.find(client);
  if (found == lines_.end()) return;
  size_ -= found->second.waiting.size();
  lines_.erase(found);
}

std::vector<state::ClientId> CallbackQueues::clients() const {
  const std::lock_guard lock(mutex_);
  std::vector<state::ClientId> all;
  for (const auto& [client, line] : lines_) all.push_back(client);
  return all;
}

std::size_t CallbackQueues::size() const {
  const std::lock_guard lock(mutex_);
  return size_;
}

}  // namespace ditto::nfs4
