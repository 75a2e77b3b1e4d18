// Callbacks that wait to be delivered, for each client in their order, and how many workers deliver a client's. Nothing
// is sent from here. A worker takes a message, and puts it back when it could not be delivered; a line ends with its
// client. Bounded. Any thread.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

#include "nfs/v4/callbacks/message.hpp"

namespace ditto::nfs4 {

class CallbackQueues {
 public:
  static constexpr std::size_t most = 65536, most_of_a_client = 4096;

  /// Of that client never more workers than `most_workers`. False: too many wait.
  bool add(state::ClientId client, std::uint32_t most_workers, Message message);
  /// How many workers are to begin now; they count from here on.
  std::uint32_t start(state::ClientId client, state::Moment now);

  /// The next message that is due, or that was sent before and whose answer is missing. None: that was the worker's
  /// end.
  std::optional<Message> next(state::ClientId client, state::Moment now);
  /// First in the line again.
  void put_back(state::ClientId client, Message message);
  /// The worker ends without having been told to.
  void stop(state::ClientId client);

  /// Takes out a recall that did not go out yet.
  void cancel_recall(state::ClientId client, state::GrantId grant);
  /// What is over by `now`, taken out.
  std::vector<Message> expire(state::Moment now);
  void drop(state::ClientId client);
  std::vector<state::ClientId> clients() const;
  std::size_t size() const;

 private:
  struct Line {
    std::deque<Message> waiting;
    std::uint32_t workers = 0, most_workers = 1;
  };
  using Lines = std::map<state::ClientId, Line>;
  void end_worker(Lines::iterator line);

  mutable std::mutex mutex_;  // guards the rest; a leaf
  Lines lines_;
  std::size_t size_ = 0;
};

}  // namespace ditto::nfs4
