// A node that is kept in memory for as long as something is held on it, whatever happens to its names: how the gate
// gives state/ the word on it. Any thread.
#pragma once

#include <cstdint>
#include <utility>

#include "gate/word.hpp"
#include "state/files.hpp"
#include "vfs/file_system.hpp"

namespace ditto::gate {

/// A node that is pinned and held.
class Hold {
 public:
  Hold() = default;
  Hold(vfs::FileSystem& fs, vfs::NodePin pin) noexcept : fs_(&fs), pin_(std::move(pin)) {}
  Hold(Hold&& other) noexcept : fs_(std::exchange(other.fs_, nullptr)), pin_(std::move(other.pin_)) {}
  Hold& operator=(Hold&& other) noexcept {
    std::swap(fs_, other.fs_);
    std::swap(pin_, other.pin_);
    return *this;
  }
  ~Hold() {
    if (fs_) fs_->release(*pin_);
  }
  vfs::Node& node() const noexcept { return *pin_; }

 private:
  vfs::FileSystem* fs_ = nullptr;
  vfs::NodePin pin_;
};

class NodeAnchor final : public state::Anchor {
 public:
  NodeAnchor(std::uint64_t share, Hold hold) noexcept : share_(share), hold_(std::move(hold)) {}

  std::uint64_t share() const noexcept override { return share_; }

  void concern(bool readers, bool writers) noexcept override {
    word::concern(hold_.node().gate_word, readers, writers);
  }
  InFlight in_flight() const noexcept override {
    const std::uint64_t now = hold_.node().gate_word.load();
    return {word::readers_in(now), word::writers_in(now)};
  }
  void count_in(bool writes) noexcept override { word::count_in(hold_.node().gate_word, writes); }

 private:
  const std::uint64_t share_;
  Hold hold_;
};

}  // namespace ditto::gate
