// usher/cpp/range.hpp: an array of pointers as a range of views.
#ifndef USHER_CPP_RANGE_HPP
#define USHER_CPP_RANGE_HPP

#include <cstddef>
#include <cstdint>
#include <iterator>

namespace usher {

/// The `Raw` structures behind an array of pointers, each seen as a `View` made on the spot. As
/// valid as the array is.
template <class View, class Raw>
class PointerRange {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = View;
    using difference_type = std::ptrdiff_t;
    using pointer = void;
    using reference = View;

    Iterator() = default;
    explicit Iterator(const Raw* const* at) noexcept : at_(at) {}

    View operator*() const noexcept { return View(*at_); }
    Iterator& operator++() noexcept {
      ++at_;
      return *this;
    }
    Iterator operator++(int) noexcept { return Iterator(at_++); }
    friend bool operator==(Iterator left, Iterator right) noexcept { return left.at_ == right.at_; }
    friend bool operator!=(Iterator left, Iterator right) noexcept { return left.at_ != right.at_; }

   private:
    const Raw* const* at_ = nullptr;
  };

  PointerRange(const Raw* const* first, uint32_t count) noexcept
      : first_(first), count_(first == nullptr ? 0 : count) {}

  [[nodiscard]] Iterator begin() const noexcept { return Iterator(first_); }
  [[nodiscard]] Iterator end() const noexcept { return Iterator(first_ + count_); }
  [[nodiscard]] size_t size() const noexcept { return count_; }
  [[nodiscard]] bool empty() const noexcept { return count_ == 0; }
  /// `index` must be less than size().
  [[nodiscard]] View operator[](size_t index) const noexcept { return View(first_[index]); }

 private:
  const Raw* const* first_;
  uint32_t count_;
};

}  // namespace usher

#endif
