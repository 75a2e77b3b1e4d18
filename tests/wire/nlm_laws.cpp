// Every argument and result of the lock manager and the status monitor keeps the codec's laws.
#include "nfs/nlm/types.hpp"
#include "nfs/nsm/types.hpp"
#include "wire/laws.hpp"

using namespace ditto;
using namespace ditto::nlm;

DITTO_XDR_LAWS("NLM 1 and 3", "[nlm]", nlm_testargs, nlm_testres, nlm_lockargs, nlm_cancargs, nlm_unlockargs)
DITTO_XDR_LAWS("NLM 4", "[nlm]", nlm4_testargs, nlm4_testres, nlm4_lockargs, nlm4_cancargs, nlm4_unlockargs, nlm4_res,
               nlm4_shareargs, nlm4_shareres, nlm4_notify)
DITTO_XDR_LAWS("NSM", "[nsm]", nsm::sm_name, nsm::mon_id, nsm::my_id, nsm::mon, nsm::sm_stat, nsm::sm_stat_res,
               nsm::stat_chge, nsm::status)
