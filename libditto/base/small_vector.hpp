// A vector whose first N elements live in the object itself, for lists that are nearly always short and are made once
// per request. Elements are contiguous. Owns its elements; moving it moves or steals them. One thread at a time.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <type_traits>
#include <utility>

namespace ditto {

template <class T, std::size_t N>
class SmallVector {
  static_assert(N > 0 && std::is_nothrow_move_constructible_v<T>);

 public:
  using value_type = T;

  SmallVector() noexcept = default;
  SmallVector(const SmallVector& other) { assign(other); }
  SmallVector(SmallVector&& other) noexcept { steal(other); }
  SmallVector& operator=(const SmallVector& other) {
    if (this != &other) {
      clear();
      assign(other);
    }
    return *this;
  }
  SmallVector& operator=(SmallVector&& other) noexcept {
    if (this != &other) {
      clear();
      free_heap();
      steal(other);
    }
    return *this;
  }
  ~SmallVector() {
    clear();
    free_heap();
  }

  T* data() noexcept { return heap_ ? heap_ : inline_data(); }
  const T* data() const noexcept { return heap_ ? heap_ : const_cast<SmallVector*>(this)->inline_data(); }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }
  std::size_t capacity() const noexcept { return capacity_; }
  T* begin() noexcept { return data(); }
  T* end() noexcept { return data() + size_; }
  const T* begin() const noexcept { return data(); }
  const T* end() const noexcept { return data() + size_; }
  T& operator[](std::size_t index) noexcept { return data()[index]; }
  const T& operator[](std::size_t index) const noexcept { return data()[index]; }
  T& front() noexcept { return data()[0]; }
  const T& front() const noexcept { return data()[0]; }
  T& back() noexcept { return data()[size_ - 1]; }
  const T& back() const noexcept { return data()[size_ - 1]; }

  /// The argument must not be an element of this vector.
  template <class... Args>
  T& emplace_back(Args&&... args) {
    if (size_ == capacity_) reserve(std::size_t{capacity_} * 2);
    T* made = ::new (static_cast<void*>(data() + size_)) T(std::forward<Args>(args)...);
    ++size_;
    return *made;
  }
  void push_back(const T& value) { emplace_back(value); }
  void push_back(T&& value) { emplace_back(std::move(value)); }

  void pop_back() noexcept { std::destroy_at(data() + --size_); }
  /// Removes the first `count` elements.
  void erase_front(std::size_t count) noexcept {
    if (count == 0) return;  // moving elements onto themselves would lose them
    std::move(begin() + count, end(), begin());
    std::destroy(end() - count, end());
    size_ -= static_cast<std::uint32_t>(count);
  }
  void clear() noexcept {
    std::destroy(begin(), end());
    size_ = 0;
  }

  void reserve(std::size_t wanted) {
    if (wanted <= capacity_) return;
    T* fresh = std::allocator<T>().allocate(wanted);
    relocate(data(), size_, fresh);
    free_heap();
    heap_ = fresh;
    capacity_ = static_cast<std::uint32_t>(wanted);
  }

  friend bool operator==(const SmallVector& a, const SmallVector& b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  T* inline_data() noexcept { return std::launder(reinterpret_cast<T*>(inline_)); }
  void assign(const SmallVector& other) {
    reserve(other.size_);
    std::uninitialized_copy(other.begin(), other.end(), data());
    size_ = other.size_;
  }
  void steal(SmallVector& other) noexcept {
    if (other.heap_) {
      heap_ = std::exchange(other.heap_, nullptr);
      capacity_ = std::exchange(other.capacity_, static_cast<std::uint32_t>(N));
      size_ = std::exchange(other.size_, 0);
      return;
    }
    size_ = std::exchange(other.size_, 0);
    relocate(other.inline_data(), size_, inline_data());
  }
  /// One element at a time, so that the compiler sees that nothing is left to destroy.
  static void relocate(T* from, std::size_t count, T* to) noexcept {
    for (T* const end = from + count; from != end; ++from, ++to) {
      ::new (static_cast<void*>(to)) T(std::move(*from));
      std::destroy_at(from);
    }
  }
  void free_heap() noexcept {
    if (!heap_) return;
    std::allocator<T>().deallocate(heap_, capacity_);
    heap_ = nullptr;
    capacity_ = N;
  }

  T* heap_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = N;
  alignas(T) std::byte inline_[N * sizeof(T)];
};

}  // namespace ditto
