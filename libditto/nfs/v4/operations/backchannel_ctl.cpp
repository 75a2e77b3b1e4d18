#include "nfs/v4/handlers.hpp"
#include "nfs/v4/in_sequence.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.33.
BACKCHANNEL_CTL4res backchannel_ctl(Compound& compound, const BACKCHANNEL_CTL4args& args) {
  const Buffer security = encoded(args.bca_sec_parms);
  compound.session()->set_callback_control(
      {.program = args.bca_cb_program, .security = std::string(text_of(security.bytes()))});
  return {};
}

}  // namespace ditto::nfs4
