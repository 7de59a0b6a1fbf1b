#pragma once
// Builds a document from the events of a parser, without recursion.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "kube/value.h"

namespace gwdoctor {

class ValueBuilder {
 public:
  // How many collections are open.
  [[nodiscard]] std::size_t depth() const { return open_.size(); }
  // True once a whole value was built and not yet taken.
  [[nodiscard]] bool complete() const { return complete_; }
  // The key whose value is being built, `up` open objects above the innermost; "" for an array.
  [[nodiscard]] std::string_view key(std::size_t up = 0) const;

  void begin_object(Mark mark = {});
  void begin_array(Mark mark = {});
  // Names the member that the next value belongs to. Only inside an object.
  void set_key(std::string key) { open_.back().key = std::move(key); }
  void add(Value value);
  // Adds those members of the objects, in turn, whose key the innermost object does not have yet.
  void add_missing(const Value::Array& objects);
  // Closes the innermost collection and returns it. An object keeps the last value of a key that came more than once.
  [[nodiscard]] Value close();
  // Closes the innermost collection and adds it to the one around it.
  void end() { add(close()); }
  // Hands over what was built and starts anew.
  [[nodiscard]] Value take();

 private:
  struct Open {
    bool is_object = false;
    std::string key;
    Value::Object members;
    Value::Array items;
    Mark mark;
  };
  std::vector<Open> open_;
  Value root_;
  bool complete_ = false;
};

// Leaves one member a key: the last value, at the place of the first. Linear in the number of members.
void drop_duplicates(Value::Object& members);

}  // namespace gwdoctor
