// Boost.JSON, compiled once for all that use it: its headers alone leave the code out.
#include <boost/json/src.hpp>
