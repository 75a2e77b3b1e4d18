#include "nfs/nlm/blocks.hpp"

#include <algorithm>

namespace ditto::nlm {

Blocks::~Blocks() {
  for (const auto& block : all_) block->self.reset();
}

Blocks::All::const_iterator Blocks::place_of(const state::FileKey& file, const state::ByteLock& lock) const noexcept {
  return std::ranges::find_if(all_,
                              [&](const auto& block) { return block->place.file == file && block->lock == lock; });
}

bool Blocks::waits_already(const state::FileKey& file, const state::ByteLock& lock) {
  const std::lock_guard guard(mutex_);
  const auto found = place_of(file, lock);
  if (found == all_.end()) return false;
  if ((*found)->phase != Block::Phase::Granting) return true;
  (*found)->phase = Block::Phase::Over;
  all_.erase(found);
  return false;
}

bool Blocks::add(const std::shared_ptr<Block>& block) {
  const std::lock_guard guard(mutex_);
  if (all_.size() >= limits_.all || place_of(block->place.file, block->lock) != all_.end()) return false;
  const state::ClientId client = block->lock.owner.client;
  const auto of_host = std::ranges::count_if(all_, [&](const auto& each) { return each->lock.owner.client == client; });
  if (static_cast<std::size_t>(of_host) >= limits_.of_a_host) return false;
  all_.push_back(block);
  return true;
}

bool Blocks::parked(Block& block) {
  const std::lock_guard guard(mutex_);
  if (block.phase == Block::Phase::Asking) block.phase = Block::Phase::Parked;
  return block.phase != Block::Phase::Over;
}

bool Blocks::granting(Block& block) {
  const std::lock_guard guard(mutex_);
  if (block.phase == Block::Phase::Over) return false;
  block.phase = Block::Phase::Granting;
  return true;
}

bool Blocks::is_over(const Block& block) const {
  const std::lock_guard guard(mutex_);
  return block.phase == Block::Phase::Over;
}

bool Blocks::end(Block& block) {
  const std::lock_guard guard(mutex_);
  if (block.phase == Block::Phase::Over) return false;
  block.phase = Block::Phase::Over;
  std::erase_if(all_, [&](const auto& each) { return each.get() == &block; });
  return true;
}

std::shared_ptr<Block> Blocks::find(const state::FileKey& file, const state::ByteLock& lock) const {
  const std::lock_guard guard(mutex_);
  const auto found = place_of(file, lock);
  return found == all_.end() ? nullptr : *found;
}

template <class Which>
Blocks::All Blocks::end_all(Which which) {
  All ended;
  const std::lock_guard guard(mutex_);
  for (std::size_t i = all_.size(); i-- > 0;) {
    if (!which(*all_[i])) continue;
    all_[i]->phase = Block::Phase::Over;
    ended.push_back(std::move(all_[i]));
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
  }
  return ended;
}

void Blocks::unlocked(const state::FileKey& file, const state::LockOwner& owner, const state::ByteRange& range) {
  end_all([&](const Block& block) {
    return block.phase == Block::Phase::Granting && block.place.file == file && block.lock.owner == owner &&
           block.lock.range.overlaps(range);
  });
}

std::vector<std::shared_ptr<Block>> Blocks::end_owner(const state::LockOwner& owner) {
  return end_all([&](const Block& block) { return block.lock.owner == owner; });
}

std::size_t Blocks::size() const {
  const std::lock_guard guard(mutex_);
  return all_.size();
}

}  // namespace ditto::nlm
