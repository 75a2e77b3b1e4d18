#include "base/pool.hpp"

#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <system_error>

namespace ditto {

BlockingPool::BlockingPool(std::size_t threads) : max_threads_(std::max<std::size_t>(threads, 1)) {
  threads_.reserve(max_threads_);
}

BlockingPool::~BlockingPool() {
  std::vector<std::thread> threads;
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  // A job of the drain may still start a thread, so the list is emptied until it stays empty.
  for (;;) {
    {
      std::lock_guard lock(mutex_);
      threads.swap(threads_);
    }
    if (threads.empty()) return;
    for (auto& thread : threads) thread.join();
    threads.clear();
  }
}

void BlockingPool::post(Job& job) {
  std::lock_guard lock(mutex_);
  // Idle threads that have been signalled but have not yet woken are spoken for by what is queued.
  if (idle_ <= queued_ && idle_ + busy_ < max_threads_) start_thread();
  job.next = nullptr;
  (last_ ? last_->next : first_) = &job;
  last_ = &job;
  ++queued_;
  // Under the lock: once the job has run, the pool may be gone before this call has returned.
  if (idle_ > 0) wake_.notify_one();
}

std::size_t BlockingPool::started() const {
  std::lock_guard lock(mutex_);
  return idle_ + busy_;
}

void BlockingPool::start_thread() {
  // A host program's signals belong to its own threads; those that a thread brings upon itself stay its own.
  sigset_t blocked, before;
  sigfillset(&blocked);
  for (int own : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS, SIGPROF}) sigdelset(&blocked, own);
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  struct Restore {
    sigset_t& mask;
    ~Restore() { pthread_sigmask(SIG_SETMASK, &mask, nullptr); }
  } restore{before};
  try {
    threads_.emplace_back([this] { work(); });
    ++idle_;
  } catch (const std::system_error&) {
    if (idle_ + busy_ == 0) throw;
  }
}

void BlockingPool::work() {
  pthread_setname_np(pthread_self(), "ditto-pool");
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!first_) {
      if (stopping_ && busy_ == 0) {
        --idle_;
        // The last busy thread may have woken only one of those that wait for the end.
        wake_.notify_all();
        return;
      }
      wake_.wait(lock);
    }
    Job* job = first_;
    first_ = job->next;
    if (!first_) last_ = nullptr;
    --queued_;
    --idle_;
    ++busy_;
    lock.unlock();
    job->run(job);
    lock.lock();
    ++idle_;
    --busy_;
  }
}

}  // namespace ditto
