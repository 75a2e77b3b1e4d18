#include "gate/share.hpp"

#include <algorithm>
#include <utility>

#include "gate/changes.hpp"
#include "gate/coordinator.hpp"

namespace ditto::gate {

bool Network::contains(const std::array<std::uint8_t, 16>& peer) const noexcept {
  const std::size_t whole = prefix_bits / 8;
  if (!std::equal(address.begin(), address.begin() + whole, peer.begin())) return false;
  const unsigned rest = prefix_bits % 8;
  if (rest == 0) return true;
  const auto mask = static_cast<std::uint8_t>(0xff << (8 - rest));
  return (address[whole] & mask) == (peer[whole] & mask);
}

Share::Share(std::uint64_t id, std::string name, std::shared_ptr<vfs::FileSystem> file_system, vfs::NodeId root,
             ShareRules rules)
    : id_(id),
      name_(std::move(name)),
      file_system_(std::move(file_system)),
      changes_(file_system_ ? Changes::of(*file_system_) : nullptr),
      root_(root),
      rules_(std::move(rules)) {}

vfs::Credential Share::squash(const vfs::Credential& claimed) const noexcept {
  const bool everyone = rules_.squash == Squash::All;
  const bool root = rules_.squash == Squash::Root;
  if (everyone || (root && claimed.uid == 0)) {
    vfs::Credential anonymous;
    anonymous.uid = rules_.anonymous_uid;
    anonymous.gid = rules_.anonymous_gid;
    return anonymous;
  }
  if (!root) return claimed;
  // root_squash takes group 0 away as well, as knfsd does: it opens what only root's group may.
  vfs::Credential result = claimed;
  const auto mapped = [this](std::uint32_t group) { return group == 0 ? rules_.anonymous_gid : group; };
  result.gid = mapped(result.gid);
  for (std::uint32_t i = 0; i < result.group_count; ++i) result.group_list[i] = mapped(result.group_list[i]);
  return result;
}

bool Share::admits(const std::array<std::uint8_t, 16>& peer) const noexcept {
  return rules_.networks.empty() ||
         std::ranges::any_of(rules_.networks, [&](const Network& network) { return network.contains(peer); });
}

std::shared_ptr<Share> Share::with_rules(ShareRules rules) const {
  auto other = std::make_shared<Share>(*this);
  other->rules_ = std::move(rules);
  return other;
}

std::string path_of(const Share& share, vfs::NodeId node, Timestamp now, vfs::Blocking blocking) {
  const vfs::Credential server;
  vfs::Context context{.who = server, .now = now, .blocking = blocking};
  const auto pin = share.file_system().pin(context, node);
  if (!pin) return {};
  return share.file_system().path(context, **pin, share.root()).value_or(std::string());
}

Shares::Shares()
    : current_(nullptr), owned_(std::make_unique<const List>()), coordinator_(std::make_unique<Coordinator>()) {
  current_ = owned_.get();
}
Shares::~Shares() = default;

Result<void> Shares::add(std::shared_ptr<Share> share) {
  if (find(share->name()) || find(share->id())) return fail(Error::Exists);
  List more = all();
  more.push_back(admit(std::move(share)));
  replace(std::move(more));
  return {};
}

std::shared_ptr<const Share> Shares::admit(std::shared_ptr<Share> share) const {
  share->coordinator_ = coordinator_.get();
  return share;
}

void Shares::replace(List shares) {
  auto fresh = std::make_unique<const List>(std::move(shares));
  current_ = fresh.get();
  fresh_.push_back(std::exchange(owned_, std::move(fresh)));
}

std::vector<Shares::List> Shares::collect() {
  std::vector<List> gone;
  if (asked_.empty()) {
    if (fresh_.empty()) return gone;
    asked_ = std::exchange(fresh_, {});
    epochs_.begin();
  }
  if (!epochs_.passed()) return gone;
  for (const auto& list : asked_) gone.push_back(*list);
  asked_.clear();
  return gone;
}

void Shares::clear() {
  coordinator_ = std::make_unique<Coordinator>();
  replace({});
  fresh_.clear();
  asked_.clear();
}

const Share* Shares::find(std::string_view name) const noexcept {
  const List& shares = all();
  const auto at = std::ranges::find_if(shares, [&](const auto& share) { return share->name() == name; });
  return at == shares.end() ? nullptr : at->get();
}

const Share* Shares::find(std::uint64_t id) const noexcept {
  const List& shares = all();
  const auto at = std::ranges::find_if(shares, [&](const auto& share) { return share->id() == id; });
  return at == shares.end() ? nullptr : at->get();
}

}  // namespace ditto::gate
