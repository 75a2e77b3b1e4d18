#include "gate/gate.hpp"

#include <catch2/catch.hpp>
#include <stdexcept>

#include "base/task.hpp"
#include "fake_file_system.hpp"

using namespace ditto;

namespace {

/// Runs jobs when the test says so, and counts them.
class StepExecutor : public Executor {
 public:
  void post(Job& job) override {
    job.next = nullptr;
    (tail_ ? tail_->next : head_) = &job;
    tail_ = &job;
  }
  int run_all() {
    int count = 0;
    while (Job* job = head_) {
      head_ = job->next;
      if (!head_) tail_ = nullptr;
      job->run(job);
      ++count;
    }
    return count;
  }

 private:
  Job* head_ = nullptr;
  Job* tail_ = nullptr;
};

struct World {
  std::shared_ptr<test::FakeFileSystem> fs = std::make_shared<test::FakeFileSystem>();
  StepExecutor loop, pool;
  CommitTokens tokens;
  gate::ShareRules rules;
  std::optional<Result<vfs::Attributes>> attributes;
  std::optional<Result<vfs::Change>> change;

  Detached getattr(vfs::NodeId id) {
    const gate::Share share(1, "export", fs, fs->root(), rules);
    gate::Actor actor{{}, loop, pool, system_clock(), tokens};
    gate::Gate gate(actor, share);
    attributes = co_await gate.getattr(id);
  }
  Detached setattr() {
    const gate::Share share(1, "export", fs, fs->root(), rules);
    gate::Actor actor{{}, loop, pool, system_clock(), tokens};
    gate::Gate gate(actor, share);
    const vfs::SetAttributes changes;
    change = co_await gate.setattr(fs->root(), changes, std::nullopt);
  }
};

}  // namespace

TEST_CASE("an operation that does not block completes on the loop without suspending") {
  World world;
  world.fs->on_getattr = [](vfs::Context& context) -> Result<vfs::Attributes> {
    CHECK(context.blocking == vfs::Blocking::Never);
    context.depend(5);
    return vfs::Attributes{.size = 42};
  };
  world.getattr(world.fs->root());
  REQUIRE(world.attributes);
  CHECK((*world.attributes)->size == 42);
  CHECK(world.pool.run_all() == 0);
  REQUIRE(world.tokens.tokens().size() == 1);
  CHECK(world.tokens.tokens()[0].lsn == 5);
  CHECK(world.fs->node.gate_word.load() == 0);
  CHECK(world.fs->node.pins() == 0);
}

TEST_CASE("an operation that would block runs again in the pool and resumes on its loop") {
  World world;
  int calls = 0;
  world.fs->on_getattr = [&](vfs::Context& context) -> Result<vfs::Attributes> {
    ++calls;
    if (context.blocking == vfs::Blocking::Never) return fail(Error::WouldBlock);
    return vfs::Attributes{.size = 1};
  };
  world.getattr(world.fs->root());
  CHECK(calls == 1);
  CHECK_FALSE(world.attributes);
  CHECK(world.pool.run_all() == 1);
  CHECK(calls == 2);
  CHECK_FALSE(world.attributes);  // not on a thread of the pool
  CHECK(world.loop.run_all() == 1);
  REQUIRE(world.attributes);
  CHECK((*world.attributes)->size == 1);
  CHECK(world.fs->node.gate_word.load() == 0);
}

TEST_CASE("nodes are entered while the call runs, as readers or writers") {
  World world;
  std::uint64_t during = 0;
  world.fs->on_getattr = [&](vfs::Context&) -> Result<vfs::Attributes> {
    during = world.fs->node.gate_word.load();
    return vfs::Attributes{};
  };
  world.fs->on_setattr = [&](vfs::Context&) -> Result<vfs::Change> {
    during = world.fs->node.gate_word.load();
    return vfs::Change{};
  };
  world.getattr(world.fs->root());
  CHECK(during == gate::word::one_reader);
  world.setattr();
  CHECK(during == gate::word::one_writer);
  CHECK(world.fs->node.gate_word.load() == 0);
}

TEST_CASE("a conflict bit keeps out whom it concerns and nobody else") {
  World world;
  world.fs->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> { return vfs::Attributes{}; };
  world.fs->on_setattr = [](vfs::Context&) -> Result<vfs::Change> { return vfs::Change{}; };
  world.fs->node.gate_word = gate::word::write_conflicts;
  world.getattr(world.fs->root());
  CHECK(world.attributes->has_value());
  world.setattr();
  CHECK(world.change->error() == Error::Delay);
  CHECK(world.fs->node.gate_word.load() == gate::word::write_conflicts);
}

TEST_CASE("a read-only share refuses changes and lets reads through") {
  World world;
  world.rules.read_only = true;
  world.fs->on_getattr = [](vfs::Context&) -> Result<vfs::Attributes> { return vfs::Attributes{}; };
  world.fs->on_setattr = [](vfs::Context&) -> Result<vfs::Change> {
    FAIL("reached the file system");
    return vfs::Change{};
  };
  world.getattr(world.fs->root());
  CHECK(world.attributes->has_value());
  world.setattr();
  CHECK(world.change->error() == Error::ReadOnly);
}

TEST_CASE("errors rest on what they saw") {
  World world;
  world.fs->on_getattr = [](vfs::Context& context) -> Result<vfs::Attributes> {
    context.depend(9);
    return fail(Error::NotFound);
  };
  world.getattr(world.fs->root());
  CHECK(world.attributes->error() == Error::NotFound);
  REQUIRE(world.tokens.tokens().size() == 1);
  CHECK(world.tokens.tokens()[0].lsn == 9);
}

TEST_CASE("an exception in the pool becomes Fault and the awaiter still resumes") {
  World world;
  world.fs->on_getattr = [](vfs::Context& context) -> Result<vfs::Attributes> {
    if (context.blocking == vfs::Blocking::Never) return fail(Error::WouldBlock);
    throw std::runtime_error("broken");
  };
  world.getattr(world.fs->root());
  world.pool.run_all();
  world.loop.run_all();
  REQUIRE(world.attributes);
  CHECK(world.attributes->error() == Error::Fault);
  CHECK(world.fs->node.gate_word.load() == 0);
}

TEST_CASE("a node that is gone is Stale") {
  World world;
  world.getattr(vfs::NodeId{0, 8});
  CHECK(world.attributes->error() == Error::Stale);
}

namespace {

struct Recording final : gate::Auditor {
  std::vector<vfs::AccessNote> notes;
  void record(const gate::Audited& audited) override { notes.push_back(audited.note); }
};

}  // namespace

TEST_CASE("what lists want recorded of an operation is told once, when it has come to an end") {
  World world;
  gate::Shares shares;
  REQUIRE(shares.add(std::make_shared<gate::Share>(1, "export", world.fs, world.fs->root(), world.rules)));
  Recording recording;
  const auto acl = std::make_shared<const vfs::Acl>(
      vfs::Acl{.aces = {{.type = vfs::Ace::Type::Audit,
                         .flags = vfs::AceFlags::SuccessfulAccess | vfs::AceFlags::FailedAccess,
                         .mask = vfs::Access::ReadData}}});
  bool fails = false;
  world.fs->on_getattr = [&](vfs::Context& context) -> Result<vfs::Attributes> {
    const vfs::Attributes attributes{.id = world.fs->root()};
    if (context.notes) {
      context.notes->note({attributes, acl.get()}, context.who, fails ? vfs::Access::None : vfs::Access::ReadData,
                          fails ? vfs::Access::ReadData : vfs::Access::None);
    }
    if (context.blocking == vfs::Blocking::Never) return fail(Error::WouldBlock);
    if (fails) return fail(Error::AccessDenied);
    return attributes;
  };
  const auto getattr = [&](gate::Shares& of) -> Detached {
    gate::Actor actor{{}, world.loop, world.pool, system_clock(), world.tokens};
    gate::Gate gate(actor, *of.find(1));
    world.attributes = co_await gate.getattr(world.fs->root());
  };
  getattr(shares);
  world.pool.run_all();
  world.loop.run_all();
  REQUIRE(world.attributes);
  CHECK(recording.notes.empty());  // nobody records

  shares.coordinator().set_auditor(&recording);
  world.attributes.reset();
  getattr(shares);
  CHECK(recording.notes.empty());  // it goes on in the pool
  world.pool.run_all();
  world.loop.run_all();
  REQUIRE(world.attributes);
  REQUIRE(recording.notes.size() == 1);
  CHECK(recording.notes[0].node == world.fs->root());
  CHECK(recording.notes[0].granted == vfs::Access::ReadData);

  fails = true;
  getattr(shares);
  world.pool.run_all();
  world.loop.run_all();
  REQUIRE(recording.notes.size() == 2);
  CHECK(recording.notes[1].refused == vfs::Access::ReadData);
}
