// The arguments of the lock manager and of the status monitor, as they come from strangers, and what clients answer us.
#include "fuzz/decoder.hpp"
#include "nfs/nlm/types.hpp"
#include "nfs/nsm/types.hpp"

using namespace ditto;
using namespace ditto::nlm;

DITTO_FUZZ_DECODERS(nlm_testargs, nlm_lockargs, nlm_cancargs, nlm_unlockargs, nlm_testres, nlm4_testargs, nlm4_lockargs,
                    nlm4_cancargs, nlm4_unlockargs, nlm4_testres, nlm4_res, nlm4_shareargs, nlm4_notify, nsm::mon,
                    nsm::stat_chge)
