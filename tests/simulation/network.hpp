// Messages under way between clients and the server. What is sent by a stream (TCP) comes in order and once, until the
// stream breaks; a datagram may be lost, come twice and overtake others. One thread.
#pragma once

#include <cstddef>
#include <functional>
#include <utility>
#include <vector>

#include "dice.hpp"

namespace ditto::sim {

enum class Link : std::uint8_t { Stream, Datagram };

class Network {
 public:
  explicit Network(Dice& dice) noexcept : dice_(dice) {}

  /// `channel` is one direction of one connection; `deliver` may run twice if it goes by datagram.
  void send(Link link, std::uint64_t channel, std::function<void()> deliver) {
    int copies = 1;
    if (link == Link::Datagram) {
      if (dice_.chance(1, 25)) copies = 0;
      if (dice_.chance(1, 25)) copies = 2;
    }
    lost_ += copies == 0 ? 1 : 0;
    repeated_ += copies == 2 ? 1 : 0;
    for (; copies > 0; --copies) under_way_.push_back({link, channel, deliver});
  }
  bool empty() const noexcept { return under_way_.empty(); }

  /// One message arrives: any datagram, or what is first in its stream.
  void deliver_one() {
    std::size_t at = dice_.below(under_way_.size());
    if (under_way_[at].link == Link::Stream) {
      for (std::size_t i = 0; i < at; ++i) {
        if (under_way_[i].link == Link::Stream && under_way_[i].channel == under_way_[at].channel) at = i;
      }
    }
    Message arrived = std::move(under_way_[at]);
    under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(at));
    arrived.deliver();
  }
  /// All streams break, and what was under way in them is gone.
  void cut_streams() {
    std::erase_if(under_way_, [](const Message& message) { return message.link == Link::Stream; });
  }

  unsigned lost() const noexcept { return lost_; }
  unsigned repeated() const noexcept { return repeated_; }

 private:
  struct Message {
    Link link;
    std::uint64_t channel;
    std::function<void()> deliver;
  };

  Dice& dice_;
  std::vector<Message> under_way_;
  unsigned lost_ = 0, repeated_ = 0;
};

}  // namespace ditto::sim
