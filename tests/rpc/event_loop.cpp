#include "server/net/event_loop.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "base/executor.hpp"

using namespace ditto;
using server::EventLoop;

TEST_CASE("Jobs of many threads all run, each thread's in order, on the loop's thread") {
  constexpr int threads = 4, jobs = 20000;
  EventLoop loop;
  std::vector<int> next(threads, 0);  // touched by the loop's thread only
  int out_of_order = 0, elsewhere = 0;
  std::atomic<int> left = threads * jobs;  // the last one stops the loop
  std::thread::id loop_thread;

  std::vector<std::thread> posters;
  for (int t = 0; t < threads; ++t) {
    posters.emplace_back([&, t] {
      for (int i = 0; i < jobs; ++i) {
        post(loop, [&, t, i] {
          if (next[static_cast<std::size_t>(t)]++ != i) ++out_of_order;
          if (std::this_thread::get_id() != loop_thread) ++elsewhere;
          if (--left == 0) loop.stop();
        });
      }
    });
  }
  std::thread runner([&] {
    loop_thread = std::this_thread::get_id();
    loop.run();
  });
  for (std::thread& poster : posters) poster.join();
  runner.join();
  CHECK(left == 0);
  CHECK(out_of_order == 0);
  CHECK(elsewhere == 0);
}

TEST_CASE("A job never runs within post(), also from the loop itself") {
  EventLoop loop;
  std::string order;
  post(loop, [&] {
    order += 'a';
    post(loop, [&] {
      order += 'c';
      loop.stop();
    });
    order += 'b';
  });
  loop.run();
  CHECK(order == "abc");
}

TEST_CASE("What is left for the end of a turn runs after all its jobs, and may leave more") {
  struct Late : Job {
    explicit Late(std::string& text, char letter, EventLoop* more_on = nullptr, Job* more = nullptr)
        : out(text), name(letter), loop(more_on), next_late(more) {
      run = [](Job* self) {
        auto& mine = *static_cast<Late*>(self);
        mine.out += mine.name;
        if (mine.next_late) mine.loop->at_end_of_turn(*mine.next_late);
      };
    }
    std::string& out;
    char name;
    EventLoop* loop;
    Job* next_late;
  };
  EventLoop loop;
  std::string order;
  Late third(order, '3'), second(order, '2', &loop, &third), first(order, '1');
  // Posted before the loop runs, both come in one turn.
  post(loop, [&] {
    loop.at_end_of_turn(first);
    loop.at_end_of_turn(second);
    order += 'a';
  });
  post(loop, [&] {
    order += 'b';
    loop.stop();
  });
  loop.run();
  CHECK(order == "ab123");
}

TEST_CASE("Jobs that a loop never came to run when it is destroyed") {
  int ran = 0;
  {
    EventLoop loop;
    post(loop, [&] {
      ++ran;
      post(loop, [&] { ++ran; });
    });
  }
  CHECK(ran == 2);
}
