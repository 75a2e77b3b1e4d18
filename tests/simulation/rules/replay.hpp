// Rule 5, looked at from where requests arrive at the server: which arrival of a request is its first, and what the
// others may do. Lives in the request's coroutine. One thread.
#pragma once

#include <string>

#include "sent.hpp"
#include "world.hpp"

namespace ditto::sim::rules {

class Arrival {
 public:
  Arrival(World& world, Sent& sent);

  /// The server has answered. True: it was executed now, for the first time.
  bool answered(const std::string& reply);
  bool while_running() const noexcept { return kind_ == Kind::WhileRunning; }

 private:
  enum class Kind : std::uint8_t { First, WhileRunning, Again };

  bool may_be_forgotten() const;
  bool leaves_all_as_it_was() const;
  bool client_lives() const;
  void check(const std::string& reply) const;

  World& world_;
  Sent& sent_;
  const state::Moment begun_at_;
  Kind kind_ = Kind::First;
  std::uint64_t turn_ = 0, held_ = 0, changes_ = 0;
};

}  // namespace ditto::sim::rules
