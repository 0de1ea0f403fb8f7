#include <cstdlib>

#include "isolation/child_host.h"

// usher-plugin-host FILE PATH: started by the broker (LoadInChild), of no use by hand.
int main(int argc, char** argv) {
  if (argc != 3) return EXIT_FAILURE;
  broker::ServePlugin(argv[1], argv[2], *broker::OpenParentChannel());
  return EXIT_SUCCESS;
}
