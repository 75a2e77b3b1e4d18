#include <utility>

#include "nfs/v4/callbacks/security.hpp"
#include "nfs/v4/handlers.hpp"
#include "nfs/v4/keeper.hpp"

namespace ditto::nfs4 {

// RFC 8881, 18.33.
BACKCHANNEL_CTL4res backchannel_ctl(Compound& compound, const BACKCHANNEL_CTL4args& args) {
  if (names_gss_handle(args.bca_sec_parms)) return {nfsstat4::NFS4ERR_NOENT};
  state::CallbackControl control = control_of(args.bca_cb_program, args.bca_sec_parms);
  control.minor_version = compound.minor;
  compound.session()->set_callback_control(std::move(control));
  return {};
}

}  // namespace ditto::nfs4
