// Answers requests of HTTP on a socket that listens: takes connections, reads a request from each, and sends what
// `answer` makes of it. One thread of its own does all of it, so that an answer may take a lock or wait a moment, and
// no event loop notices. What a client can take is bounded: connections (one too many is told so), the size of a
// request, the time for it and for its answer. Made and destroyed by one thread at a time.
#pragma once

#include <functional>
#include <memory>

#include "server/control/http.hpp"
#include "store/descriptor.hpp"

namespace ditto::server {

class HttpListener {
 public:
  /// Called on the listener's thread, one at a time.
  using Answer = std::function<HttpAnswer(const HttpRequest& request)>;

  /// Answers from now on. `listening` is a stream socket of `family` that listens and does not block. Throws
  /// std::system_error when the system has no thread.
  HttpListener(int family, store::Descriptor listening, Answer answer);
  /// Waits for an answer that is being made.
  ~HttpListener();
  HttpListener(const HttpListener&) = delete;
  HttpListener& operator=(const HttpListener&) = delete;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace ditto::server
