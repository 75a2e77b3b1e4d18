// A client with delegations as NFSv4 has them: read and write, all or nothing, kept when the file is closed, and given
// back by returning them; of directories too, for which it asks without opening them (RFC 8881, 18.39). Its recalls
// have a channel of their own and may overtake what they are about. When it dies, the server hears nothing until its
// lease ends.
#pragma once

#include "clients/caching.hpp"

namespace ditto::sim {

class Delegated final : public CachingClient {
 public:
  using CachingClient::CachingClient;

  std::string_view kind() const noexcept override { return "delegation"; }
  bool hangs_up() const noexcept override { return false; }

 private:
  std::optional<WantedOpen> some_open() override;
  bool act_otherwise() override;
  void want_directory() override;
  state::Holder holder_in(std::size_t) override { return {id(), {}}; }
  state::Caching keeps(const Copy&) override { return state::Caching::None; }
  void serve_answer(const Answer& answer) override;
  Detached serve_close(state::ClientId life, Opened open) override;
  bool grant_goes_with_last_open() const noexcept override { return false; }
  Detached serve_directory(state::ClientId life, Name name, unsigned answers);
};

}  // namespace ditto::sim
