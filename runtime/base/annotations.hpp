// SPDX-License-Identifier: Apache-2.0
//
// Clang's thread-safety attributes under the names that this code uses; empty elsewhere.
#pragma once

#if defined(__clang__)
#define TM_THREAD_ATTRIBUTE(x) __attribute__((x))
#else
#define TM_THREAD_ATTRIBUTE(x)
#endif

#define TM_CAPABILITY TM_THREAD_ATTRIBUTE(capability("mutex"))
#define TM_SCOPED_CAPABILITY TM_THREAD_ATTRIBUTE(scoped_lockable)
#define TM_GUARDED_BY(x) TM_THREAD_ATTRIBUTE(guarded_by(x))
#define TM_REQUIRES(...) TM_THREAD_ATTRIBUTE(requires_capability(__VA_ARGS__))
#define TM_ACQUIRES(...) TM_THREAD_ATTRIBUTE(acquire_capability(__VA_ARGS__))
#define TM_ACQUIRES_SHARED(...) \
  TM_THREAD_ATTRIBUTE(acquire_shared_capability(__VA_ARGS__))
#define TM_TRY_ACQUIRES(...) TM_THREAD_ATTRIBUTE(try_acquire_capability(__VA_ARGS__))
#define TM_TRY_ACQUIRES_SHARED(...) \
  TM_THREAD_ATTRIBUTE(try_acquire_shared_capability(__VA_ARGS__))
#define TM_RELEASES(...) TM_THREAD_ATTRIBUTE(release_capability(__VA_ARGS__))
#define TM_RELEASES_SHARED(...) \
  TM_THREAD_ATTRIBUTE(release_shared_capability(__VA_ARGS__))
#define TM_NO_THREAD_SAFETY_ANALYSIS TM_THREAD_ATTRIBUTE(no_thread_safety_analysis)
