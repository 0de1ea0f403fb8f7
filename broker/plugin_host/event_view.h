#pragma once

#include <cstdint>
#include <vector>

#include "dispatch/consumer.h"
#include "session/session_table.h"
#include "usher/event.h"

namespace broker {

/// `session` as a plugin sees it: every pointer leads into `session`, which must outlive it.
[[nodiscard]] usher_session ViewOf(const Session& session);

/// Shows all of an event but its details, its sessions in two views of their own.
void ShowEvent(const DeliveredEvent& event, usher_event& view, usher_session& session,
               usher_session& before);

/// Events' details as a plugin sees them, those of one event behind those of another.
class DetailViews {
 public:
  /// Forgets what was shown before; until the next call at most so many are shown.
  void Begin(size_t most);
  /// Adds those of an event to its view.
  void Show(const Details& details, usher_event& view);

 private:
  std::vector<usher_detail> details_;
  std::vector<const usher_detail*> pointers_;
};

/// An event as a plugin sees it. No text is copied: the view leads into the event. Reused
/// from event to event, so that it allocates only while it grows.
///
/// Not thread-safe; each instance has its own.
class EventView {
 public:
  /// Valid until the next call, and as long as `event`, the batch that it is in and this view are.
  /// Of a large batch the views that all instances share; see BatchViews.
  const usher_event& Show(const DeliveredEvent& event);

 private:
  usher_event event_ = {};
  usher_session session_ = {};
  usher_session before_ = {};
  DetailViews details_;
};

/// All sessions as a plugin sees them. Owns the snapshot that its pointers lead into.
class SnapshotView {
 public:
  /// `realtime_us` is the time it was taken, in UTC microseconds.
  SnapshotView(SessionSnapshot snapshot, usher_snapshot_reason reason, int64_t realtime_us);
  SnapshotView(const SnapshotView&) = delete;
  SnapshotView& operator=(const SnapshotView&) = delete;

  /// Valid as long as this view is.
  [[nodiscard]] const usher_snapshot& Get() const { return view_; }

 private:
  SessionSnapshot snapshot_;
  std::vector<usher_session> sessions_;
  std::vector<const usher_session*> session_pointers_;
  usher_snapshot view_ = {};
};

}  // namespace broker
