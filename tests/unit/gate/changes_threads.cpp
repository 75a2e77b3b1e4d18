// Watches of a tree that many threads change at once: the notices come in the order of the changes, so that a model of
// the names that follows them is the tree in the end; and who begins to watch while changes are under way misses none.
#include <barrier>
#include <set>
#include <thread>

#include "changes_world.hpp"
#include "store/kv/memory_kv.hpp"
#include "store/store.hpp"
#include "store/temporary_folder.hpp"

using namespace ditto;
using namespace ditto::test::changes;

namespace {

/// The names of a tree as notices tell of them.
class Model {
 public:
  /// What does not fit what was told before.
  std::vector<std::string> surprises;

  void follow(const state::Notice& notice) {
    const auto surprise = [&](const char* why) { surprises.push_back(in_letters(notice) + ": " + why); };
    if (notice.lsn < last_) surprise("out of order");
    last_ = notice.lsn;
    if (moving_ && notice.what != Happened::FileRenamedTo && notice.what != Happened::DirectoryRenamedTo) {
      surprise("between the two halves of a rename");
    }
    switch (notice.what) {
      case Happened::FileCreated:
      case Happened::DirectoryCreated:
        if (!names_.emplace(notice.name, notice.node.inode).second) surprise("is there");
        return;
      case Happened::FileRemoved:
      case Happened::DirectoryRemoved:
        if (!is_there(notice)) surprise("is not there");
        names_.erase(notice.name);
        return;
      case Happened::FileRenamedFrom:
      case Happened::DirectoryRenamedFrom:
        if (!is_there(notice)) surprise("is not there");
        moving_ = notice;
        return;
      case Happened::FileRenamedTo:
      case Happened::DirectoryRenamedTo:
        if (!moving_ || moving_->cookie != notice.cookie) return surprise("comes from nowhere");
        move(moving_->name, notice.name);
        moving_.reset();
        return;
      default:
        if (!is_there(notice)) surprise("is not there");
    }
  }
  const std::map<std::string, std::uint64_t>& names() const { return names_; }

 private:
  bool is_there(const state::Notice& notice) const {
    const auto found = names_.find(notice.name);
    return found != names_.end() && found->second == notice.node.inode;
  }
  void move(const std::string& from, const std::string& to) {
    std::map<std::string, std::uint64_t> moved;
    std::erase_if(names_, [&](const auto& entry) {
      const bool below = entry.first == from || entry.first.starts_with(from + "/");
      if (below) moved.emplace(to + entry.first.substr(from.size()), entry.second);
      return below;
    });
    names_.merge(moved);
    for (const auto& [name, inode] : moved) surprises.push_back(name + " is there where something moves");
  }

  std::map<std::string, std::uint64_t> names_;
  std::optional<state::Notice> moving_;
  Lsn last_ = 0;
};

/// Whatever may happen to names, at random.
void change_names(Tree& tree, const std::vector<NodeId>& first, std::uint64_t seed, int steps) {
  test::SeededRandom random(seed);
  std::vector<NodeId> directories = first;
  const auto directory = [&] { return directories[random.below(directories.size())]; };
  const auto name = [&] { return std::string(1, static_cast<char>('a' + random.below(6))); };
  for (int i = 0; i < steps; ++i) {
    const NodeId in = directory();
    switch (random.below(8)) {
      case 0: (void)tree.create(in, name(), {.type = vfs::FileType::Directory, .attributes = {.mode = 0777}}); break;
      case 1: (void)tree.remove(in, name()); break;
      case 2:
      case 3: (void)tree.rename(in, name(), directory(), name()); break;
      case 4:
        if (const auto found = tree.look(in, name())) (void)tree.link(*found, directory(), name());
        break;
      case 5:
        if (const auto found = tree.look(in, name())) (void)tree.write(*found, random.below(100), 10);
        break;
      case 6:
        if (const auto found = tree.look(in, name())) (void)tree.set(*found, {.mode = 0777});
        break;
      default: (void)tree.create(in, name());
    }
  }
}

void follow_many_threads(Tree& tree, int steps) {
  const auto woken = std::make_shared<Woken>();
  Changes& changes = tree.changes();
  const auto watch = changes.watch({.node = gate::file_key(*tree.fs, tree.root()),
                                    .recursive = true,
                                    .to_entries = state::happened::everything,
                                    .max_bytes = 64 << 20},
                                   woken);
  std::vector<NodeId> directories{tree.root()};
  for (const char* name : {"a", "b", "c"}) directories.push_back(tree.directory(tree.root(), name));
  directories.push_back(tree.directory(directories[1], "d"));
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] { change_names(tree, directories, seed, steps); });
  }
  for (std::thread& thread : threads) thread.join();
  tree.directory(tree.root(), "the last");
  const auto token = tree.call(
      [&](vfs::Context& context, vfs::Node& node, vfs::Node&) -> Result<Lsn> {
        if (auto read = tree.fs->getattr(context, node); !read) return fail(read.error());
        return context.token;
      },
      tree.root());
  struct Wait : DurableWait {
    std::atomic<bool> over{false};
  } wait;
  wait.lsn = token.value();
  wait.done = [](DurableWait* self, Result<void>) {
    auto& over = static_cast<Wait*>(self)->over;
    over = true;
    over.notify_one();
  };
  tree.fs->when_durable(wait);
  wait.over.wait(false);

  const auto taken = changes.take(watch, SIZE_MAX);
  CHECK_FALSE(taken.overflow);
  CHECK(woken->times > 0);
  CHECK(taken.notices.size() > 100);
  Model model;
  for (const state::Notice& notice : taken.notices) model.follow(notice);
  CHECK(model.surprises == std::vector<std::string>{});
  std::map<std::string, std::uint64_t> there;
  for (const auto& [path, id] : tree.list(tree.root())) there.emplace(path, id.inode);
  CHECK(there.contains("the last"));
  CHECK(model.names() == there);
}

}  // namespace

TEST_CASE("who follows the notices of many threads has the tree's names in the end") {
  store::MemoryKv kv;
  store::MemoryData data;
  Tree tree(kv, data);
  follow_many_threads(tree, 4000);
}

TEST_CASE("and so it is with changes that wait for a disk") {
  test::TemporaryFolder folder(test::fast_disk());
  const auto store = store::open_local_store(folder.path(), null_log());
  REQUIRE(store.has_value());
  Tree tree((*store)->kv, (*store)->data);
  follow_many_threads(tree, 1000);
}

TEST_CASE("who begins to watch, then looks, sees or is told of everything") {
  World w;
  const NodeId directory = w.directory(w.root(), "d");
  // There before the first change that is to be told (vfs::FileSystem::observer), as a share has it.
  REQUIRE(Changes::of(*w.fs));
  constexpr int each = 6;
  int told_of = 0, told_to_look = 0;
  test::SeededRandom random(7);
  for (int round = 0; round < 400; ++round) {
    const std::string prefix = std::to_string(round) + ".";
    std::barrier start(3);
    std::vector<std::thread> threads;
    for (const char* who : {"x", "y"}) {
      threads.emplace_back([&, who] {
        start.arrive_and_wait();
        for (int i = 0; i < each; ++i) {
          (void)w.create(directory, prefix + who + std::to_string(i), {.attributes = {.mode = 0600}});
        }
      });
    }
    start.arrive_and_wait();
    for (std::uint64_t spins = random.below(2000); spins > 0; --spins)
      std::atomic_signal_fence(std::memory_order_seq_cst);
    const auto watch = w.watch(directory, round % 2 == 0);
    std::set<std::string> known;
    for (const auto& [name, id] : w.list(directory)) known.insert(name);
    const std::size_t seen = known.size();
    for (std::thread& thread : threads) thread.join();
    const auto taken = w.changes().take(watch, SIZE_MAX);
    for (const state::Notice& notice : taken.notices) known.insert(notice.name);
    if (taken.overflow) ++told_to_look;
    if (seen < 2 * each) ++told_of;
    if (known.size() < 2 * each) CHECK(taken.overflow);
    w.changes().unwatch(watch);
    for (const auto& [name, id] : w.list(directory)) CHECK(w.remove(directory, name));
  }
  INFO(told_of << " rounds of which something came behind the look, " << told_to_look << " with a mark");
  CHECK(told_of > 0);
}
