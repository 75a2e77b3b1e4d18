// How many operations a second one thread gets out of DittoFs, over memory and over a local store. Run by hand; it
// tells and judges nothing.
#include <chrono>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <string>

#include "store/store.hpp"
#include "support/manual_clock.hpp"
#include "support/seeded_random.hpp"
#include "vfs/ditto/ditto_fs.hpp"

namespace {

using namespace ditto;
using namespace ditto::test;
using vfs::Blocking;
using vfs::Context;
using vfs::NodeId;

constexpr int count = 50'000;

struct Bench {
  vfs::DittoFs& fs;
  ManualClock& clock;
  vfs::Credential who = vfs::Credential::root();

  template <class F>
  void time(const char* what, F f) {
    const auto start = std::chrono::steady_clock::now();
    const std::clock_t start_cpu = std::clock();
    for (int i = 0; i < count; ++i) {
      Context context{.who = who, .now = clock.now(), .blocking = Blocking::Never};
      if (!f(context, i)) {
        context.blocking = Blocking::Allowed;
        if (auto done = f(context, i); !done) {
          std::printf("  %s %d: %s\n", what, i, std::string(to_string(done.error())).c_str());
          return;
        }
      }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    const double cpu = static_cast<double>(std::clock() - start_cpu) / CLOCKS_PER_SEC;
    std::printf("  %-34s %10.0f /s  %6.2f us  %6.2f us of CPU\n", what, count / took.count(),
                took.count() / count * 1e6, cpu / count * 1e6);
  }

  void run() {
    Context context{.who = who, .now = clock.now(), .blocking = Blocking::Allowed};
    auto root = std::move(*fs.pin(context, fs.root()));
    const NodeId d = fs.create(context, *root, "d", {.type = vfs::FileType::Directory})->node.id;
    std::vector<NodeId> ids(count);
    const BufferChain small(Buffer::copy_of(bytes_of(std::string(100, 'x'))));
    time("create", [&](Context& c, int i) -> Result<void> {
      const auto pin = fs.pin(c, d);
      const auto made = fs.create(c, **pin, "file" + std::to_string(i), {});
      if (!made) return fail(made.error());
      ids[i] = made->node.id;
      return {};
    });
    time("lookup", [&](Context& c, int i) {
      const auto pin = fs.pin(c, d);
      return fs.lookup(c, **pin, "file" + std::to_string(i * 7919 % count), vfs::NameMatch::Exact);
    });
    time("lookup of nothing", [&](Context& c, int i) -> Result<void> {
      const auto pin = fs.pin(c, d);
      const auto found = fs.lookup(c, **pin, "none" + std::to_string(i), vfs::NameMatch::Exact);
      if (found || found.error() != Error::NotFound) return fail(Error::Fault);
      return {};
    });
    time("getattr", [&](Context& c, int i) {
      const auto pin = fs.pin(c, ids[i * 7919L % count]);
      return fs.getattr(c, **pin);
    });
    time("setattr (mode)", [&](Context& c, int i) {
      const auto pin = fs.pin(c, ids[i]);
      return fs.setattr(c, **pin, {.mode = 0600}, std::nullopt);
    });
    time("write 100 bytes, inline", [&](Context& c, int i) {
      const auto pin = fs.pin(c, ids[i]);
      return fs.write(c, **pin, 0, small, vfs::Stability::FileSync);
    });
    time("read 100 bytes, inline", [&](Context& c, int i) {
      const auto pin = fs.pin(c, ids[i * 7919L % count]);
      return fs.read(c, **pin, 0, 4096);
    });
    run_large(root);
    time("rename", [&](Context& c, int i) {
      const auto pin = fs.pin(c, d);
      return fs.rename(c, **pin, "file" + std::to_string(i), **pin, "moved" + std::to_string(i));
    });
    int listed = 0;
    const auto start = std::chrono::steady_clock::now();
    const auto visit = [&](const vfs::DirectoryEntry&) { return ++listed, true; };
    const auto pin = fs.pin(context, d);
    (void)fs.readdir(context, **pin, 0, true, visit);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - start;
    std::printf("  %-34s %10.0f /s\n", "entries listed with attributes", listed / took.count());
    time("remove", [&](Context& c, int i) {
      const auto directory = fs.pin(c, d);
      return fs.remove(c, **directory, "moved" + std::to_string(i), vfs::RemoveKind::NonDirectory);
    });
  }

  void run_large(vfs::NodePin& root) {
    Context context{.who = who, .now = clock.now(), .blocking = Blocking::Allowed};
    const BufferChain block(Buffer::copy_of(bytes_of(std::string(4096, 'x'))));
    const NodeId large = fs.create(context, *root, "large", {})->node.id;
    time("write 4 KiB, appending", [&](Context& c, int i) {
      const auto pin = fs.pin(c, large);
      return fs.write(c, **pin, std::uint64_t{4096} * i, block, vfs::Stability::Unstable);
    });
    time("read 4 KiB, random", [&](Context& c, int i) {
      const auto pin = fs.pin(c, large);
      return fs.read(c, **pin, 4096L * (i * 7919L % count), 4096);
    });
    const auto overwrite = [&](Context& c, int i) {
      const auto pin = fs.pin(c, large);
      return fs.write(c, **pin, 4096L * (i * 7919L % count), block, vfs::Stability::FileSync);
    };
    time("overwrite 4 KiB, random, stable", overwrite);
    time("the same again", overwrite);
    for (int i = 0; i < 100; ++i) {
      clock.advance_seconds(1);
      fs.maintain(clock.now());
    }
    time("overwrite what was verified", overwrite);
    time("the same again", overwrite);
  }
};

void run(const char* name, store::Store& store) {
  std::printf("%s\n", name);
  ManualClock clock;
  SeededRandom random;
  auto fs = vfs::DittoFs::open(store.kv, store.data, clock, random, null_log());
  if (!fs) {
    std::printf("  %s\n", fs.error().c_str());
    return;
  }
  Bench{**fs, clock}.run();
}

}  // namespace

int main(int argc, char** argv) {
  run("memory", *store::memory_store());
  if (argc < 2) {
    std::printf("give a folder that does not exist for the local store, too\n");
    return 0;
  }
  std::filesystem::create_directories(argv[1]);
  {
    auto local = store::open_local_store(argv[1], null_log());
    if (!local) {
      std::printf("%s\n", local.error().message.c_str());
      return 1;
    }
    run("local", **local);
  }
  std::filesystem::remove_all(argv[1]);
}
