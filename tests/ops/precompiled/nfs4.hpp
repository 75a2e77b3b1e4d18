// As libditto/nfs/precompiled/nfs.hpp, for the tests of NFSv4.
#pragma once

#include <catch2/catch.hpp>

#include "ops/nfs4/holder.hpp"
