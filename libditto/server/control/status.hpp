// What a server is doing, in JSON, for whoever runs it. Parts of the server contribute: each is a StatusSource, called
// when somebody asks, on the thread of the control socket or of the metrics, beside everything that the server does; it
// may take a lock, and waits for no disk and no client. A Status is built before the first question and then constant.
#pragma once

#include <cstddef>
#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ditto::server {

struct StatusReport {
  nlohmann::ordered_json& sections;    // an object; a source adds members of its own
  std::vector<std::string> attention;  // what somebody has to do something about, a sentence each
  std::size_t rows = 0;                // of each list that grows with use, at most
};

using StatusSource = std::function<void(StatusReport& report)>;

class Status {
 public:
  /// Rows of a list in the whole status, and in a part that was asked for alone.
  static constexpr std::size_t overview_rows = 10, part_rows = 1000;

  /// A source that is a `part` can be asked for alone.
  void add(StatusSource source, std::string_view part = {}) { sources_.push_back({part, std::move(source)}); }
  /// One object: the sections, and "attention", a list of texts that is empty while all is well. Nothing: there is no
  /// such part.
  std::optional<std::string> json(std::string_view part = {}) const;
  /// All of it but the rows of lists that grow with use, in the text format of metrics (server/control/metrics.hpp).
  std::string metrics() const;
  /// "clients, holders"
  std::string parts() const;

 private:
  /// Of all sources, or of those that are `part`. Null: there is none.
  nlohmann::ordered_json sections(std::string_view part, std::size_t rows) const;

  struct Source {
    std::string_view part;
    StatusSource tell;
  };
  std::vector<Source> sources_;
};

}  // namespace ditto::server
