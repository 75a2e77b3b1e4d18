// Linked lists as the RFCs write them, `struct entry { ...; entry* next; }`: on the wire each entry follows a TRUE, and
// a FALSE ends them. Describe the entry without its `next`. A list holds its entries encoded: those of a reply are
// encoded once, by a ListBuilder that keeps to a budget, and linked into the reply; those of a request are checked when
// they are read and decoded again by whoever looks at them. Owns its bytes; one thread at a time.
#pragma once

#include <cstddef>
#include <utility>

#include "base/buffer.hpp"
#include "wire/xdr_reader.hpp"
#include "wire/xdr_writer.hpp"

namespace ditto::xdr {

/// `T* x`: entries of at most N encoded bytes together.
template <class T, std::size_t N>
class list {
 public:
  static constexpr std::size_t max_size = N;

  list() noexcept = default;

  /// Calls visit(const T&) for each entry in order; one that returns bool stops with false. Lent fields of an entry are
  /// valid as long as the list is.
  template <class Visit>
  void for_each(Visit&& visit) const {
    Reader reader(encoding_);
    while (reader.remaining() > 0) {
      bool follows = false;
      T entry{};
      reader(follows, entry);
      if (!reader.ok()) return;
      if constexpr (std::is_same_v<decltype(visit(std::as_const(entry))), bool>) {
        if (!visit(std::as_const(entry))) return;
      } else {
        visit(std::as_const(entry));
      }
    }
  }

  bool empty() const noexcept { return encoding_.empty(); }
  /// The entries with the TRUE before each, without the FALSE at the end.
  const BufferChain& encoding() const noexcept { return encoding_; }
  friend bool operator==(const list& a, const list& b) noexcept { return a.encoding_ == b.encoding_; }

 private:
  template <class U, std::size_t M>
  friend class ListBuilder;
  friend class Reader;

  void read(Reader& reader) {
    Reader start = reader;
    encoding_.clear();
    std::size_t size = 0;
    for (;;) {
      bool follows = false;
      reader(follows);
      if (!reader.ok()) return;
      if (!follows) break;
      T entry{};
      reader(entry);
      size = start.remaining() - reader.remaining();
      if (size > N) reader.fail();
      if (!reader.ok()) return;
    }
    encoding_ = start.take(size);
  }

  BufferChain encoding_;
};

/// Encodes the entries of a list<T, N>, as many as a budget allows.
template <class T, std::size_t N>
class ListBuilder {
 public:
  /// At most `budget_bytes` of entries (and never more than N), each with the 4 bytes of the TRUE before it. The 4
  /// bytes of the FALSE that ends the list are the caller's to count.
  explicit ListBuilder(std::size_t budget_bytes = N) noexcept : budget_(std::min(budget_bytes, N)) {}

  /// Adds `entry`; false, with the list as it was, when the budget does not hold it.
  bool add(const T& entry) {
    const auto mark = writer_.mark();
    writer_(true, entry);
    if (writer_.size() <= budget_) return true;
    writer_.rollback(mark);
    return false;
  }

  /// Bytes of the entries so far.
  std::size_t size() const noexcept { return writer_.size(); }

  list<T, N> finish() {
    list<T, N> made;
    made.encoding_ = writer_.finish();
    return made;
  }

 private:
  std::size_t budget_;
  Writer writer_;
};

}  // namespace ditto::xdr
