#include "nfs/v4/domain_ids.hpp"

#include <algorithm>
#include <array>
#include <deque>
#include <mutex>
#include <unordered_map>
#include <variant>

namespace ditto::nfs4 {

namespace {

/// What a source said, and until when that is believed; nothing before it has said anything.
template <class T>
struct Heard {
  std::optional<T> value;
  std::uint64_t until_ns = 0;
  bool answered = false, asked = false;
};

bool same_domain(std::string_view a, std::string_view b) noexcept {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; };
  return std::ranges::equal(a, b, {}, lower, lower);
}

}  // namespace

/// What is known, and the questions that are open. Jobs in the pool have a share in it.
class DomainIds::Known : public std::enable_shared_from_this<DomainIds::Known> {
 public:
  Known(std::unique_ptr<NameSource> source, Executor& pool, const Clock& clock)
      : source_(std::move(source)), pool_(pool), clock_(clock) {}

  std::optional<std::string> name_of(Kind kind, std::uint32_t id) {
    const std::lock_guard lock(mutex_);
    return look_up(names_[index(kind)], kind, id).value;
  }

  std::expected<std::uint32_t, Missing> id_of(Kind kind, const std::string& name) {
    const std::lock_guard lock(mutex_);
    const Heard<std::uint32_t>& heard = look_up(ids_[index(kind)], kind, name);
    if (heard.value) return *heard.value;
    return std::unexpected(heard.answered ? Missing::Unknown : Missing::NotYet);
  }

  /// No more questions.
  void close() {
    const std::lock_guard lock(mutex_);
    questions_.clear();
    closed_ = true;
  }

 private:
  using Subject = std::variant<std::uint32_t, std::string>;  // an id or a name
  struct Question {
    Kind kind;
    Subject about;
  };

  static std::size_t index(Kind kind) noexcept { return kind == Kind::Group ? 1 : 0; }

  /// What is believed of `about`, which is asked about when that has become old.
  template <class Map, class Key>
  const typename Map::mapped_type& look_up(Map& map, Kind kind, const Key& about) {
    if (map.size() >= max_known && !map.contains(about)) map.clear();
    auto& heard = map[about];
    const bool old = !heard.answered || heard.until_ns <= clock_.monotonic_ns();
    if (!old || heard.asked || closed_ || questions_.size() >= max_asked) return heard;
    heard.asked = true;
    questions_.push_back({kind, about});
    if (!std::exchange(working_, true)) post(pool_, [self = shared_from_this()] { self->work(); });
    return heard;
  }

  void work() {
    std::unique_lock lock(mutex_);
    while (!questions_.empty()) {
      const Question question = std::move(questions_.front());
      questions_.pop_front();
      if (const auto* id = std::get_if<std::uint32_t>(&question.about)) {
        settle(names_[index(question.kind)], *id, lock, [&] { return source_->name_of(question.kind, *id); });
      } else {
        const auto& name = std::get<std::string>(question.about);
        settle(ids_[index(question.kind)], name, lock, [&] { return source_->id_of(question.kind, name); });
      }
    }
    working_ = false;
  }

  template <class Map, class Key, class Ask>
  void settle(Map& map, const Key& about, std::unique_lock<std::mutex>& lock, Ask ask) {
    lock.unlock();
    auto value = ask();
    lock.lock();
    const std::uint64_t now = clock_.monotonic_ns();
    map[about] = {.until_ns = now + (value ? known_for_ns : unknown_for_ns), .answered = true, .asked = false};
    map[about].value = std::move(value);
  }

  const std::unique_ptr<NameSource> source_;
  Executor& pool_;
  const Clock& clock_;
  std::mutex mutex_;  // guards the rest; not held while the source is asked
  std::array<std::unordered_map<std::uint32_t, Heard<std::string>>, 2> names_;
  std::array<std::unordered_map<std::string, Heard<std::uint32_t>>, 2> ids_;
  std::deque<Question> questions_;
  bool working_ = false, closed_ = false;
};

DomainIds::DomainIds(std::string domain, std::unique_ptr<NameSource> source, Executor& pool, const Clock& clock)
    : domain_(std::move(domain)), known_(std::make_shared<Known>(std::move(source), pool, clock)) {}

DomainIds::~DomainIds() { known_->close(); }

std::string_view DomainIds::name_of(Kind kind, std::uint32_t id, Room room) const noexcept {
  const std::optional<std::string> name = known_->name_of(kind, id);
  if (!name || name->size() + 1 + domain_.size() > room.size()) return numeric_ids().name_of(kind, id, room);
  auto end = std::ranges::copy(*name, room.data()).out;
  *end++ = '@';
  end = std::ranges::copy(domain_, end).out;
  return {room.data(), static_cast<std::size_t>(end - room.data())};
}

std::expected<std::uint32_t, IdMap::Missing> DomainIds::id_of(Kind kind, std::string_view name) const noexcept {
  const std::size_t at = name.rfind('@');
  const std::string_view local = name.substr(0, at);
  const bool bare = at == std::string_view::npos;
  if (!bare && !same_domain(name.substr(at + 1), domain_)) return std::unexpected(Missing::Unknown);
  if (const auto id = well_known_id(local)) return *id;
  const bool impossible = bare || local.empty() || local.size() > name_bytes || local.contains('\0');
  if (impossible) return std::unexpected(Missing::Unknown);
  return known_->id_of(kind, std::string(local));
}

}  // namespace ditto::nfs4
