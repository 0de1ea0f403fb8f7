// usher/testing/fake_host.hpp: the broker as one plugin instance sees it, scripted by a test.
#ifndef USHER_TESTING_FAKE_HOST_HPP
#define USHER_TESTING_FAKE_HOST_HPP

#include "usher/testing/host_class.hpp"
#include "usher/testing/host_functions.hpp"

#endif
