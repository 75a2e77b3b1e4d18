#include "support/power_cut/file_history.hpp"

#include <algorithm>
#include <bitset>
#include <climits>

namespace ditto::test {

/// What one byte of the file may be.
class FileHistory::Letters {
 public:
  explicit Letters(char base) : newest_(base) { allowed_.set(index(base)); }

  void may_be(char letter) {
    allowed_.set(index(letter));
    newest_ = letter;
  }
  void is(char letter) {
    allowed_.reset();
    may_be(letter);
  }
  void is_the_newest() { is(newest_); }
  bool has(char letter) const { return allowed_.test(index(letter)); }

 private:
  static std::size_t index(char letter) { return static_cast<unsigned char>(letter); }

  std::bitset<1 << CHAR_BIT> allowed_;
  char newest_;
};

void FileHistory::write(Step step, const Write& write) {
  events_.push_back({.kind = Event::Kind::Write, .step = step, .write = write});
  if (now_.size() < write.offset + write.length) now_.resize(write.offset + write.length);
  std::fill_n(now_.begin() + static_cast<std::ptrdiff_t>(write.offset), write.length, write.letter);
}

void FileHistory::resize(Step step, std::uint64_t size) {
  events_.push_back({.kind = Event::Kind::Resize, .step = step, .size = size});
  now_.resize(size);
}

void FileHistory::commit(Step step) { events_.push_back({.kind = Event::Kind::Commit, .step = step}); }

std::string FileHistory::told() const {
  std::string text = std::to_string(base_.size()) + " bytes";
  for (const Event& event : events_) {
    text += "; " + std::to_string(event.step) + ": ";
    switch (event.kind) {
      case Event::Kind::Write:
        text += (event.write.stable ? "stable " : "unstable ") + std::to_string(event.write.length) + " at " +
                std::to_string(event.write.offset) + " as " +
                std::to_string(static_cast<unsigned char>(event.write.letter));
        break;
      case Event::Kind::Resize: text += "size " + std::to_string(event.size); break;
      case Event::Kind::Commit: text += "commit"; break;
    }
  }
  return text;
}

void FileHistory::follow(Letters& letters, std::uint64_t at, const Event& event, Step last, Crash crash,
                         bool promised) const {
  const bool happened = event.step <= last;
  switch (event.kind) {
    case Event::Kind::Write: {
      const Write& write = event.write;
      if (at < write.offset || at >= write.offset + write.length) return;
      const bool stable = write.stable || crash == Crash::Kill;
      if ((stable && promised) || (write.with_record && happened)) return letters.is(write.letter);
      // Contents go to their place before the record that tells of them.
      return letters.may_be(write.letter);
    }
    case Event::Kind::Resize:
      // What was cut off is gone with the change that did it, and not before.
      if (happened && at >= event.size) letters.is('\0');
      return;
    case Event::Kind::Commit:
      if (promised) letters.is_the_newest();
      return;
  }
}

std::string FileHistory::mismatch(const std::string& found, Step last, Crash crash,
                                  FunctionRef<bool(Step)> promised) const {
  std::vector<std::uint64_t> borders{0};
  std::vector<bool> counts;
  for (const Event& event : events_) {
    borders.insert(borders.end(), {event.write.offset, event.write.offset + event.write.length, event.size});
    counts.push_back(promised(event.step));
  }
  std::ranges::sort(borders);
  std::uint64_t known_to = 0;  // bytes up to here, from the same border on, differ in their base at most
  Letters known('\0');
  char known_base = '\0';
  for (std::uint64_t at = 0; at < found.size(); ++at) {
    const char base = at < base_.size() ? base_[at] : '\0';
    if (at >= known_to || base != known_base) {
      known = Letters(base);
      known_base = base;
      for (std::size_t i = 0; i < events_.size(); ++i) follow(known, at, events_[i], last, crash, counts[i]);
      const auto next = std::ranges::upper_bound(borders, at);
      known_to = next == borders.end() ? found.size() : *next;
    }
    if (!known.has(found[at])) {
      return "byte " + std::to_string(at) + " of " + std::to_string(found.size()) + " is " +
             std::to_string(static_cast<unsigned char>(found[at])) + ", without a crash " +
             (at < now_.size() ? std::to_string(static_cast<unsigned char>(now_[at])) : "nothing");
    }
  }
  return {};
}

}  // namespace ditto::test
