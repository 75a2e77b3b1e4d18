#include "base/pool.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <csignal>
#include <mutex>
#include <set>
#include <vector>

using namespace ditto;

namespace {

/// Lets threads through once it is opened.
class Gate {
 public:
  void open() {
    std::lock_guard lock(mutex_);
    open_ = true;
    wake_.notify_all();
  }
  void wait() {
    std::unique_lock lock(mutex_);
    wake_.wait(lock, [&] { return open_; });
  }

 private:
  std::mutex mutex_;  // guards open_
  std::condition_variable wake_;
  bool open_ = false;
};

}  // namespace

TEST_CASE("a pool starts threads as they are needed, up to its bound", "[base]") {
  Gate gate;
  Gate ran;
  BlockingPool pool(3);  // last: its end waits for jobs that use what stands above
  CHECK(pool.started() == 0);
  post(pool, [&] { gate.wait(); });
  CHECK(pool.started() == 1);
  post(pool, [&] { gate.wait(); });
  CHECK(pool.started() == 2);
  for (int i = 0; i < 5; ++i) post(pool, [&] { gate.wait(); });
  CHECK(pool.started() == 3);
  gate.open();
  post(pool, [&] { ran.open(); });
  ran.wait();
  CHECK(pool.started() == 3);
}

TEST_CASE("jobs that block each other run at the same time", "[base]") {
  Gate one;
  Gate two;
  Gate both;
  BlockingPool pool(2);
  post(pool, [&] {
    one.open();
    two.wait();
    both.open();
  });
  post(pool, [&] {
    two.open();
    one.wait();
  });
  both.wait();
  CHECK(pool.started() == 2);
}

TEST_CASE("everything posted runs once before the pool is gone", "[base]") {
  for (int round = 0; round < 20; ++round) {
    std::atomic<int> ran = 0;  // counts jobs, from all threads
    {
      BlockingPool pool(4);
      std::vector<std::thread> posters;
      for (int p = 0; p < 3; ++p) {
        posters.emplace_back([&] {
          for (int i = 0; i < 100; ++i) {
            post(pool, [&] {
              ++ran;
              post(pool, [&] { ++ran; });
            });
          }
        });
      }
      for (auto& poster : posters) poster.join();
    }
    REQUIRE(ran == 600);
  }
}

TEST_CASE("a pool without jobs starts and ends without threads", "[base]") {
  BlockingPool pool(0);
  CHECK(pool.started() == 0);
}

TEST_CASE("a pool of no threads is a pool of one", "[base]") {
  Gate ran;
  BlockingPool pool(0);
  post(pool, [&] { ran.open(); });
  ran.wait();
  CHECK(pool.started() == 1);
}

TEST_CASE("an intrusive job is posted without allocating and can be posted again", "[base]") {
  struct Counting : Job {
    std::atomic<int> ran = 0;  // counts runs
    Gate done;
    BlockingPool* pool = nullptr;
  } job;
  BlockingPool pool(2);
  job.pool = &pool;
  job.run = [](Job* self) {
    auto& mine = *static_cast<Counting*>(self);
    if (++mine.ran < 100) {
      mine.pool->post(mine);
    } else {
      mine.done.open();
    }
  };
  pool.post(job);
  job.done.wait();
  CHECK(job.ran == 100);
}

TEST_CASE("a host's signals are not delivered to the pool's threads", "[base]") {
  Gate asked;
  sigset_t blocked;
  BlockingPool pool(1);
  post(pool, [&] {
    pthread_sigmask(SIG_SETMASK, nullptr, &blocked);
    asked.open();
  });
  asked.wait();
  CHECK(sigismember(&blocked, SIGTERM) == 1);
  CHECK(sigismember(&blocked, SIGCHLD) == 1);
  CHECK(sigismember(&blocked, SIGSEGV) == 0);
  sigset_t own;
  pthread_sigmask(SIG_SETMASK, nullptr, &own);
  CHECK(sigismember(&own, SIGTERM) == 0);
}
