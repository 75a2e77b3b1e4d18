// ChangeObserver: who is told what changes in a file system, and the words for that: what happened to which node, and
// where. A file system has one at most and owns it; it calls it from within its changes, on any thread, with locks of
// its own and of its store held: so nothing here may call back, wait, or take long. While nobody watches, a change
// costs it a look at wants().
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/durable.hpp"
#include "vfs/attributes.hpp"

namespace ditto::vfs {

enum class NodeEvent : std::uint8_t {
  Created,  // it has got a name
  Removed,  // it has lost one
  RenamedFrom,
  RenamedTo,  // follows its RenamedFrom
  Written,
  Resized,
  AttributesSet,
  XattrsSet,
};

/// Who makes a change, in words of whoever made the call: a file system hands it on as it is.
using ActorTag = std::array<std::uint64_t, 3>;

/// A directory, and the name in it of what lies below.
struct NamedIn {
  NodeId directory;
  std::string name;
};

struct NodeChange {
  NodeEvent event{};
  NodeId node;
  bool is_directory = false;
  /// Where, nearest first. Empty: no name of it is known, or it is the root.
  std::vector<NamedIn> path;
  /// Of a change of entries: the cookie that READDIR has for the entry.
  std::uint64_t entry_cookie = 0;
};

class ChangeObserver {
 public:
  enum class Wants : std::uint8_t {
    Nothing,
    Entries,  // of a path no more than the directory of the entry
    Paths,    // up to the root
  };

  virtual ~ChangeObserver() = default;

  Wants wants() const noexcept { return wants_.load(std::memory_order_relaxed); }

  /// A transaction that makes `changes`, which may be taken from, has got the number `lsn`. In the order of all
  /// numbers, and before `lsn` is durable; whoever looks may not see them before visible(). False: nobody watches any
  /// more.
  virtual bool committed(Lsn lsn, const ActorTag& by, std::span<NodeChange> changes) = 0;
  /// Whoever looks from here on sees what `lsn` did. Once for each that was committed.
  virtual void visible(Lsn lsn) = 0;
  /// Something has changed and was not told, or not all of it. Whoever looks sees it.
  virtual void missed() = 0;
  /// What was committed above `kept` never happened.
  virtual void taken_back(Lsn kept) = 0;
  /// Everything up to `lsn` is durable: in no order, and no sooner than it was committed. Not told while nothing is
  /// wanted.
  virtual void durable(Lsn lsn) = 0;

 protected:
  /// Whoever looks from here on sees all that is not going to be told: a change looks for wants() when it has been made
  /// visible, and says missed() where that was too late.
  void want(Wants wants) noexcept {
    wants_.store(wants, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
  }

 private:
  std::atomic<Wants> wants_{Wants::Nothing};
};

}  // namespace ditto::vfs
