// usher/cpp/program_texts.hpp: what requests to run a program have in common.
#ifndef USHER_CPP_PROGRAM_TEXTS_HPP
#define USHER_CPP_PROGRAM_TEXTS_HPP

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "usher/event.h"

namespace usher::detail {

/// A program's arguments and variables as C has them: a view of the others, which must outlive it.
class ProgramTexts {
 public:
  ProgramTexts(const std::vector<std::string>& arguments,
               const std::vector<std::pair<std::string, std::string>>& variables) {
    arguments_.reserve(arguments.size());
    for (const std::string& argument : arguments) arguments_.push_back(argument.c_str());
    details_.reserve(variables.size());
    variables_.reserve(variables.size());
    for (const auto& [name, value] : variables) {
      details_.push_back({name.c_str(), value.c_str()});
      variables_.push_back(&details_.back());
    }
  }
  ProgramTexts(const ProgramTexts&) = delete;
  ProgramTexts& operator=(const ProgramTexts&) = delete;

  /// Puts them into a usher_run_request, or a usher_launch_request, which is valid as long as this.
  template <class Request>
  void PutInto(Request& request) const {
    request.arguments = arguments_.data();
    request.argument_count = static_cast<uint32_t>(arguments_.size());
    request.variables = variables_.data();
    request.variable_count = static_cast<uint32_t>(variables_.size());
  }

 private:
  std::vector<const char*> arguments_;
  std::vector<usher_detail> details_;
  std::vector<const usher_detail*> variables_;
};

}  // namespace usher::detail

#endif
