// The way of changes into the state store: in the order of their tokens, whichever loops bring them and in whichever
// order. One for a server, since all that it keeps goes by one row of tokens. Any thread; no lock is held while the
// store is called.
#pragma once

#include <functional>
#include <map>
#include <mutex>
#include <vector>

#include "state/recovery/records.hpp"

namespace ditto::gate {

class Persister {
 public:
  /// On any thread.
  using Finished = std::function<void(state::PersistToken token, bool durable)>;

  state::PersistTokens& tokens() noexcept { return tokens_; }
  /// Where changes are kept; null: nowhere. Before the first change, and after the last.
  void set_records(state::Records* records) noexcept { records_ = records; }
  bool keeps() const noexcept { return records_ != nullptr; }

  /// `finished` is called for each once it is durable, or cannot be made so.
  void add(std::vector<state::Persist> changes, const Finished& finished);

 private:
  struct Waiting {
    state::Persist change;
    Finished finished;
  };
  void apply(Waiting next);

  state::PersistTokens tokens_;
  state::Records* records_ = nullptr;
  std::mutex mutex_;  // guards the rest
  std::map<state::PersistToken, Waiting> held_back_;
  state::PersistToken next_ = 1;
  bool applying_ = false;
};

}  // namespace ditto::gate
