#include "ops/power/promises.hpp"

#include <algorithm>

namespace ditto::test {

unsigned Listing::links(FileNumber file) const {
  return static_cast<unsigned>(std::ranges::count_if(entries, [&](const auto& entry) { return entry.second == file; }));
}

void Listing::drop(const std::string& name) {
  const FileNumber file = entries.at(name);
  entries.erase(name);
  if (links(file) == 0) files.erase(file);
}

Promises::Promises(const SeenNames& seen) {
  std::map<std::uint64_t, FileNumber> files;
  for (const auto& [name, one] : seen) {
    const auto [file, is_new] = files.try_emplace(one.fileid, last_file_ + 1);
    if (is_new) ++last_file_;
    names.entries[name] = file->second;
    names.files[file->second] = one.facts;
    histories[file->second] = FileHistory(one.contents);
  }
}

Step Promises::begin() {
  past_.push_back(names);
  answers_.emplace_back();
  return static_cast<Step>(answers_.size());
}

Step Promises::last_write(FileNumber file) const {
  const auto found = last_writes_.find(file);
  return found == last_writes_.end() ? 0 : found->second;
}

bool Promises::promised(Step step, Crash crash) const {
  const Answer& answer = answers_[step - 1];
  return answer.ready && answer.token <= durable_ && (crash == Crash::Kill || !asynchronous);
}

Step Promises::least(Crash crash) const {
  Step least = 0;
  for (Step step = 1; step <= answers_.size(); ++step) {
    const Answer& answer = answers_[step - 1];
    if (promised(step, crash) && (answer.stable || crash == Crash::Kill)) least = std::max(least, answer.reaches);
  }
  return least;
}

std::string Promises::mismatch(const SeenNames& seen, Crash crash, Step& lost) {
  const auto steps = static_cast<Step>(answers_.size());
  std::string told;
  for (const auto& [file, history] : histories) told += "\n  file " + std::to_string(file) + ": " + history.told();
  std::string reasons;
  for (Step last = steps; last + 1 > least(crash); --last) {
    const std::string reason = mismatch_after(last, seen, crash);
    lost = steps - last;
    if (reason.empty()) return {};
    reasons += "\n  after step " + std::to_string(last) + " of " + std::to_string(steps) + ": " + reason;
    if (last == 0) break;
  }
  return reasons + told;
}

std::string Promises::mismatch_after(Step last, const SeenNames& seen, Crash crash) const {
  const Listing& then = last == answers_.size() ? names : past_[last];
  std::map<FileNumber, std::uint64_t> fileids;
  for (const auto& [name, file] : then.entries) {
    const auto found = seen.find(name);
    if (found == seen.end()) return name + " is missing";
    const Seen& one = found->second;
    const FileFacts& facts = then.files.at(file);
    if (fileids.try_emplace(file, one.fileid).first->second != one.fileid) return name + " is another file";
    if (one.facts.size != facts.size) {
      return name + ", file " + std::to_string(file) + ", has size " + std::to_string(one.facts.size) + ", not " +
             std::to_string(facts.size);
    }
    if (one.facts.modified != facts.modified) return name + " has another time";
    if (one.facts.xattrs != facts.xattrs) return name + " has other extended attributes";
    if (one.links != then.links(file)) return name + " has " + std::to_string(one.links) + " links";
  }
  for (const auto& [name, one] : seen) {
    if (!then.entries.contains(name)) return name + " should not be there";
  }
  for (const auto& [name, file] : then.entries) {
    const auto why = histories.at(file).mismatch(seen.at(name).contents, last, crash,
                                                 [&](Step step) { return promised(step, crash); });
    if (!why.empty()) return name + ", file " + std::to_string(file) + ": " + why;
  }
  return {};
}

}  // namespace ditto::test
