#include "support/power_cut/record.hpp"

#include <algorithm>
#include <utility>

#include "support/power_cut/image.hpp"
#include "support/power_cut/share.hpp"

namespace ditto::test {

Record::Record() { add_folder(); }

NodeId Record::add_file(Contents durable) {
  files_.push_back(std::make_shared<FileRecord>(std::move(durable)));
  return files_.size() - 1;
}

NodeId Record::add_folder() {
  files_.push_back(nullptr);
  names().add_folder(files_.size() - 1);
  return files_.size() - 1;
}

FileRecord& Record::file(NodeId node) { return own(files_[node]); }
NameRecord& Record::names() { return own(names_); }

Sequence Record::written(NodeId node, std::uint64_t offset, std::vector<std::byte> data) {
  const std::uint64_t length = data.size();
  file(node).add({.kind = Change::Kind::Write,
                  .offset = offset,
                  .length = length,
                  .data = std::make_shared<const std::vector<std::byte>>(std::move(data)),
                  .sequence = ++last_});
  return last_;
}

void Record::zeroed(NodeId node, std::uint64_t offset, std::uint64_t length) {
  file(node).add({.kind = Change::Kind::Zero, .offset = offset, .length = length, .sequence = ++last_});
}

void Record::resized(NodeId node, std::uint64_t size) {
  file(node).add({.kind = Change::Kind::Resize, .offset = size, .sequence = ++last_});
}

void Record::grown(NodeId node, std::uint64_t size) {
  file(node).add({.kind = Change::Kind::Grow, .offset = size, .sequence = ++last_});
}

void Record::name_changed(std::optional<Entry> erased, std::optional<Entry> made, NodeId node) {
  names().add({.erased = std::move(erased), .made = std::move(made), .node = node, .sequence = ++last_});
}

void Record::synced(NodeId node, Sequence last) {
  if (files_[node]) {
    file(node).synced(last);
  } else {
    names().folder_synced(node, last);
  }
  names().something_synced(last);
}

void Record::sync_failed(NodeId node, Sequence last) {
  if (files_[node]) file(node).sync_failed(last);
}

void Record::all_synced(Sequence last) {
  for (NodeId node = 0; node < files_.size(); ++node) synced(node, last);
}

void Record::write_synced(NodeId node, Sequence write) { file(node).made_durable(write); }

std::size_t Record::unsynced() const {
  std::size_t count = names_->unsynced();
  for (const auto& file : files_) count += file ? file->unsynced() : 0;
  return count;
}

void Record::build_image(const std::string& folder, std::uint64_t seed, const Damage& damage) const {
  Sequence first = std::min(names_->first_unsynced(), last_);
  for (const auto& file : files_) first = std::min(first, file ? file->first_unsynced() : no_sequence);
  Survival survival(seed, damage, first, last_);
  ImageWriter writer(folder);
  const Folders folders = names_->survivors(survival);
  // Every file draws its lot, so that those of the others do not depend on who has a name.
  for (NodeId node = 0; node < files_.size(); ++node) {
    if (files_[node]) writer.add_file(node, files_[node]->survivors(survival));
  }
  writer.write(folders, root);
}

}  // namespace ditto::test
