// A non-owning reference to a callable, for callbacks that end before the call that takes them returns.
// It never allocates and never outlives its argument; to keep a callable, use std::move_only_function's kin instead.
#pragma once

#include <memory>
#include <type_traits>
#include <utility>

namespace ditto {

template <class Signature>
class FunctionRef;

template <class R, class... Args>
class FunctionRef<R(Args...)> {
 public:
  template <class F>
    requires(!std::is_same_v<std::remove_cvref_t<F>, FunctionRef> && !std::is_function_v<std::remove_reference_t<F>> &&
             std::is_invocable_r_v<R, F&, Args...>)
  FunctionRef(F&& callable) noexcept  // NOLINT(google-explicit-constructor): a reference converts like one
      : object_(const_cast<void*>(static_cast<const void*>(std::addressof(callable)))),
        call_(&call<std::remove_reference_t<F>>) {}

  R operator()(Args... args) const { return call_(object_, std::forward<Args>(args)...); }

 private:
  template <class F>
  static R call(void* object, Args... args) {
    auto& target = *static_cast<F*>(object);
    if constexpr (std::is_void_v<R>) {
      target(std::forward<Args>(args)...);
    } else {
      return target(std::forward<Args>(args)...);
    }
  }

  void* object_;
  R (*call_)(void*, Args...);
};

}  // namespace ditto
