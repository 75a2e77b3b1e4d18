// What a server is doing, in JSON, for whoever runs it. Parts of the server contribute: each is a StatusSource, called
// when somebody asks, on the control socket's thread, beside everything that the server does; it may take a lock, and
// waits for no disk and no client. A Status is built before the first question and then constant.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <utility>
#include <vector>

namespace ditto::server {

struct StatusReport {
  nlohmann::ordered_json& sections;    // an object; a source adds members of its own
  std::vector<std::string> attention;  // what somebody has to do something about, a sentence each
};

using StatusSource = std::function<void(StatusReport& report)>;

class Status {
 public:
  void add(StatusSource source) { sources_.push_back(std::move(source)); }
  /// One object: the sections, and "attention", a list of texts that is empty while all is well.
  std::string json() const;

 private:
  std::vector<StatusSource> sources_;
};

}  // namespace ditto::server
