// How a reply waits for the disk. A store numbers its changes; the number of the last change that an answer rests on is
// its commit token, and the answer leaves when that number is durable. Waiting is an intrusive node, so it allocates
// nothing and blocks no thread. Nodes belong to the waiter and stay alive until `done` is called; `done` runs on the
// store's committer thread (or at once on the caller's, when there is nothing to wait for), so it only posts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/result.hpp"
#include "base/small_vector.hpp"

namespace ditto {

/// A store's log sequence number. 0 means "durable since ever"; numbers grow and are never reused.
using Lsn = std::uint64_t;

struct DurableWait {
  Lsn lsn = 0;
  /// `outcome` is an error when the change was taken back (disk full, failed sync): then nothing of it happened.
  void (*done)(DurableWait* self, Result<void> outcome) = nullptr;
  DurableWait* next = nullptr;
};

/// Whatever makes changes durable in the order of their numbers: a store, or a file system over one. Any thread.
class DurableSource {
 public:
  /// Everything up to this Lsn is durable (changes that were taken back excepted).
  virtual Lsn durable() const noexcept = 0;
  /// Calls wait.done once wait.lsn is durable or has been taken back.
  virtual void when_durable(DurableWait& wait) = 0;

 protected:
  ~DurableSource() = default;
};

/// What one answer rests on: the greatest Lsn it wrote or saw in each source it touched. A request rarely touches more
/// than one.
class CommitTokens {
 public:
  struct Token {
    DurableSource* source;
    Lsn lsn;
  };

  void note(DurableSource& source, Lsn lsn) {
    if (lsn == 0) return;
    for (Token& token : tokens_) {
      if (token.source != &source) continue;
      if (lsn > token.lsn) token.lsn = lsn;
      return;
    }
    tokens_.push_back({&source, lsn});
  }
  std::span<const Token> tokens() const noexcept { return {tokens_.data(), tokens_.size()}; }

 private:
  SmallVector<Token, 2> tokens_;  // inline: every request has one of these
};

}  // namespace ditto
