// Several threads in the same directories, as loops and pool have it: first without waiting, then with. What each is
// answered must be one of the errors that others can cause, and in the end the store must be sound.
#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "tree.hpp"

namespace ditto::test {

namespace {

using vfs::RemoveKind;
using vfs::Stability;

// Catch2 takes assertions from one thread only: the others note here what they did not expect.
class Surprises {
 public:
  void note(std::string what) {
    const std::lock_guard lock(mutex_);
    what_.insert(std::move(what));
  }
  std::set<std::string> all() {
    const std::lock_guard lock(mutex_);
    return what_;
  }

 private:
  std::mutex mutex_;  // guards what_
  std::set<std::string> what_;
};

class Worker {
 public:
  Worker(Tree& tree, std::vector<NodeId> directories, std::uint64_t seed, Surprises& surprises)
      : fs_(*tree.fs), clock_(tree.clock), directories_(std::move(directories)), random_(seed), surprises_(surprises) {}

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
  }

 private:
  // As the gate does it: on the loop, and again in the pool when that would have to wait.
  template <class F>
  auto call(F f) {
    Context loop{.who = root_, .now = clock_.now(), .blocking = Blocking::Never};
    auto result = f(loop);
    if (result || result.error() != Error::WouldBlock) return result;
    Context pool{.who = root_, .now = clock_.now(), .blocking = Blocking::Allowed};
    return f(pool);
  }
  template <class F>
  auto on(NodeId id, F f) {
    return call([&](Context& context) -> decltype(f(context, std::declval<vfs::Node&>())) {
      auto pin = fs_.pin(context, id);
      if (!pin) return fail(pin.error());
      return f(context, **pin);
    });
  }
  template <class T>
  void expect(const char* what, const Result<T>& result, std::initializer_list<Error> allowed) {
    if (result || std::find(allowed.begin(), allowed.end(), result.error()) != allowed.end()) return;
    surprises_.note(std::string(what) + ": " + std::string(to_string(result.error())));
  }

  NodeId directory() { return directories_[random_.below(directories_.size())]; }
  std::string name() { return std::string(1, static_cast<char>('a' + random_.below(8))); }

  NodeId find_file() {
    const NodeId in = directory();
    const std::string name = this->name();
    const auto found = on(in, [&](Context& c, vfs::Node& n) { return fs_.lookup(c, n, name, vfs::NameMatch::Exact); });
    expect("lookup", found, {Error::NotFound, Error::Stale});
    return found && found->attributes.type == FileType::Regular ? found->id : NodeId{};
  }

  void create() {
    const NodeId in = directory();
    const std::string name = this->name();
    const auto type = random_.below(4) ? FileType::Regular : FileType::Directory;
    const auto made = on(in, [&](Context& c, vfs::Node& n) { return fs_.create(c, n, name, {.type = type}); });
    expect("create", made, {Error::Exists, Error::Stale});
  }
  void remove() {
    const NodeId in = directory();
    const std::string name = this->name();
    const auto gone = on(in, [&](Context& c, vfs::Node& n) { return fs_.remove(c, n, name, RemoveKind::Any); });
    expect("remove", gone, {Error::NotFound, Error::NotEmpty, Error::Stale, Error::Delay});
  }
  void rename() {
    const NodeId from = directory(), to = directory();
    const std::string from_name = name(), to_name = name();
    const auto moved = on(from, [&](Context& c, vfs::Node& n) -> Result<vfs::Renamed> {
      auto pin = fs_.pin(c, to);
      if (!pin) return fail(pin.error());
      return fs_.rename(c, n, from_name, **pin, to_name);
    });
    expect("rename", moved,
           {Error::NotFound, Error::NotEmpty, Error::Stale, Error::IsDirectory, Error::NotDirectory,
            Error::InvalidArgument, Error::Delay});
  }
  void link() {
    const NodeId id = find_file(), in = directory();
    if (id == NodeId{}) return;
    const std::string name = this->name();
    const auto linked = on(id, [&](Context& c, vfs::Node& n) -> Result<vfs::Linked> {
      auto pin = fs_.pin(c, in);
      if (!pin) return fail(pin.error());
      return fs_.link(c, n, **pin, name);
    });
    expect("link", linked, {Error::Exists, Error::Stale, Error::NotFound});
  }
  // Every file holds one letter only, and each write is of one letter: readers see zeros and letters, never else.
  void write() {
    const NodeId id = find_file();
    if (id == NodeId{}) return;
    const std::uint64_t offset = random_.below(20'000);
    const BufferChain data = chain_of(std::string(1 + random_.below(6000), static_cast<char>('A' + random_.below(26))));
    const auto stability = random_.below(4) ? Stability::Unstable : Stability::FileSync;
    expect("write", on(id, [&](Context& c, vfs::Node& n) { return fs_.write(c, n, offset, data, stability); }),
           {Error::Stale});
  }
  void read() {
    const NodeId id = find_file();
    if (id == NodeId{}) return;
    const auto got = on(id, [&](Context& c, vfs::Node& n) { return fs_.read(c, n, 0, 30'000); });
    expect("read", got, {Error::Stale});
    if (!got) return;
    for (const char c : text_of(got->data)) {
      if (c != '\0' && (c < 'A' || c > 'Z')) return surprises_.note("read: bytes that nobody wrote");
    }
    if (got->data.size() > got->attributes.size) surprises_.note("read: beyond the end");
  }
  void truncate() {
    const NodeId id = find_file();
    if (id == NodeId{}) return;
    const std::uint64_t size = random_.below(3) ? random_.below(20'000) : 0;
    expect("truncate",
           on(id, [&](Context& c, vfs::Node& n) { return fs_.setattr(c, n, {.size = size}, std::nullopt); }),
           {Error::Stale});
  }
  void commit() {
    const NodeId id = find_file();
    if (id == NodeId{}) return;
    expect("commit", on(id, [&](Context& c, vfs::Node& n) { return fs_.commit(c, n, 0, 0); }), {Error::Stale});
  }
  void list() {
    std::set<std::string> names;
    bool twice = false;
    const auto visit = [&](const vfs::DirectoryEntry& entry) {
      twice |= !names.emplace(entry.name).second;
      return true;
    };
    const NodeId in = directory();
    const auto listed = on(in, [&](Context& c, vfs::Node& n) {
      names.clear();
      return fs_.readdir(c, n, 0, true, visit);
    });
    expect("readdir", listed, {Error::Stale});
    if (twice) surprises_.note("readdir: a name twice in one view");
  }
  void getattr() {
    std::uint64_t last = 0;
    const NodeId in = directory();
    for (int i = 0; i < 20; ++i) {
      const auto a = on(in, [&](Context& c, vfs::Node& n) { return fs_.getattr(c, n); });
      expect("getattr", a, {Error::Stale});
      if (!a) return;
      if (a->change < last) surprises_.note("getattr: the change counter went back");
      if (a->link_count < 2) surprises_.note("getattr: torn attributes");
      last = a->change;
    }
  }
  void step() {
    using Do = void (Worker::*)();
    constexpr Do all[] = {&Worker::create, &Worker::create, &Worker::create, &Worker::remove,  &Worker::rename,
                          &Worker::rename, &Worker::link,   &Worker::write,  &Worker::write,   &Worker::read,
                          &Worker::read,   &Worker::commit, &Worker::list,   &Worker::getattr, &Worker::truncate};
    (this->*all[random_.below(std::size(all))])();
  }

  vfs::DittoFs& fs_;
  ManualClock& clock_;
  const std::vector<NodeId> directories_;
  SeededRandom random_;
  Surprises& surprises_;
  const Credential root_ = Credential::root();
};

}  // namespace

TEST_CASE("threads that do everything at once in the same directories leave a sound store") {
  const Engine engine = ANY_ENGINE;
  const std::size_t nodes = GENERATE(65536, 64);
  Tree tree(engine, {.nodes_in_memory = nodes, .verify_reads = true, .quiet_time = std::chrono::seconds(0)});
  const NodeId a = tree.directory_id(tree.root(), "A"), b = tree.directory_id(a, "B");
  const std::vector<NodeId> directories{tree.root(), a, b};
  Surprises surprises;
  std::atomic<bool> stop{false};
  std::vector<std::thread> threads;
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    threads.emplace_back([&, seed] { Worker(tree, directories, seed, surprises).run(1500); });
  }
  std::thread maintainer([&] {
    while (!stop) {
      tree.clock.advance_seconds(1);
      tree.fs->maintain(tree.clock.now());
      std::this_thread::yield();
    }
  });
  for (std::thread& thread : threads) thread.join();
  stop = true;
  maintainer.join();
  for (const std::string& surprise : surprises.all()) UNSCOPED_INFO(surprise);
  CHECK(surprises.all().empty());
  tree.check_clean();
  tree.maintain();
  tree.reopen();
  tree.check_clean();
  vfs::CheckSummary summary;
  tree.problems(false, &summary);
  CHECK(summary.leftovers == 0);
}

TEST_CASE("threads that write one file each see their own letters, and the size only grows") {
  Tree tree(ANY_ENGINE);
  const NodeId f = tree.file_id(tree.root(), "f");
  constexpr int writers = 4, rounds = 200;
  std::atomic<int> failures{0};
  std::vector<std::thread> threads;
  for (int w = 0; w < writers; ++w) {
    threads.emplace_back([&, w] {
      const Credential who = Credential::root();
      for (int i = 0; i < rounds; ++i) {
        Context context{.who = who, .now = tree.clock.now(), .blocking = Blocking::Allowed};
        const auto pin = tree.fs->pin(context, f);
        const std::uint64_t at = static_cast<std::uint64_t>(i * writers + w) * 100;
        const BufferChain data = chain_of(std::string(100, static_cast<char>('a' + w)));
        const auto stability = i % 10 ? Stability::Unstable : Stability::FileSync;
        if (!pin || !tree.fs->write(context, **pin, at, data, stability)) ++failures;
        const auto back = tree.fs->read(context, **pin, at, 100);
        if (!back || text_of(back->data) != std::string(100, static_cast<char>('a' + w))) ++failures;
        if (!back || back->attributes.size < at + 100) ++failures;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  const std::string all = tree.contents(f);
  REQUIRE(all.size() == writers * rounds * 100);
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i] != static_cast<char>('a' + i / 100 % writers)) FAIL("byte " << i);
  }
  tree.check_clean();
}

TEST_CASE("threads that make the same names: each name has one maker") {
  Tree tree(ANY_ENGINE);
  constexpr int names = 200;
  std::atomic<int> made{0}, other{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      const Credential who = Credential::root();
      for (int i = 0; i < names; ++i) {
        Context context{.who = who, .now = tree.clock.now(), .blocking = Blocking::Allowed};
        const auto pin = tree.fs->pin(context, tree.root());
        const auto created = tree.fs->create(context, **pin, std::to_string(i), {});
        if (created) {
          ++made;
        } else if (created.error() != Error::Exists) {
          ++other;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(made == names);
  CHECK(other == 0);
  CHECK(tree.names(tree.root()).size() == names);
  tree.check_clean();
}

TEST_CASE("a writer is never taken for rot by those who verify what they read") {
  Tree tree(ANY_ENGINE, {.verify_reads = true, .quiet_time = std::chrono::seconds(0)});
  const NodeId f = tree.file_id(tree.root(), "f");
  constexpr std::size_t size = 200'000;
  constexpr int writes = 150;
  must(tree.write(f, 0, std::string(size, 'a')));
  std::atomic<int> failures{0}, verified{0};
  std::atomic<bool> stop{false};
  const auto on_file = [&](auto f_call) {
    const Credential who = Credential::root();
    Context context{.who = who, .now = tree.clock.now(), .blocking = Blocking::Allowed};
    const auto pin = tree.fs->pin(context, f);
    if (!pin || !f_call(context, **pin)) ++failures;
  };
  std::vector<std::thread> threads;
  for (int reader = 0; reader < 2; ++reader) {
    threads.emplace_back([&] {
      while (!stop) on_file([&](Context& c, vfs::Node& n) { return tree.fs->read(c, n, 1000, size - 2000); });
    });
  }
  threads.emplace_back([&] {
    while (!stop) {
      tree.fs->maintain(tree.clock.now());
      ++verified;
    }
  });
  SeededRandom random(7);
  for (int i = 0; i < writes; ++i) {
    // Most of the time all of it has checksums when the next write comes.
    const int before = verified;
    while (verified < before + 2) std::this_thread::yield();
    const std::uint64_t offset = random.below(size - 70'000);
    const BufferChain data = chain_of(std::string(70'000, static_cast<char>('b' + i % 20)));
    on_file([&](Context& c, vfs::Node& n) { return tree.fs->write(c, n, offset, data, Stability::Unstable); });
  }
  stop = true;
  for (std::thread& thread : threads) thread.join();
  CHECK(failures == 0);
  for (const RecordingLog::Line& line : tree.log.lines()) UNSCOPED_INFO(line.text);
  CHECK(tree.log.lines().empty());
  tree.maintain();
  vfs::CheckSummary summary;
  CHECK(tree.problems(false, &summary).empty());
  CHECK(summary.verified_bytes == size);
}

}  // namespace ditto::test
