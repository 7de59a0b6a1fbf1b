#include <algorithm>
#include <cctype>
#include <unordered_map>

#include "kube/objects/decode.h"
#include "kube/objects/fields.h"
#include "kube/x509.h"

namespace gwdoctor {

namespace {

// One key of a Secret: base64 under data, plain under stringData, which wins (core/v1 Secret).
struct Entry {
  std::string_view key;
  std::string_view value;
  bool plain = false;

  [[nodiscard]] bool empty() const {
    return std::all_of(value.begin(), value.end(),
                       [&](char letter) { return !plain && std::isspace(static_cast<unsigned char>(letter)) != 0; });
  }
};

std::vector<Entry> decode_entries(const Value& document) {
  std::vector<Entry> out;
  std::unordered_map<std::string_view, std::size_t> places;
  for (const std::string_view field : {"data", "stringData"}) {
    for (const auto& [key, value] : document[field].members()) {
      // Go reads null as an empty value. Anything else is no value at all, and the API server refuses it.
      if (!value.is_string() && !value.is_null()) continue;
      const Entry entry{key, value.string().value_or(std::string_view{}), field == "stringData"};
      const auto [place, is_new] = places.try_emplace(entry.key, out.size());
      if (is_new) {
        out.push_back(entry);
      } else {
        out[place->second] = entry;
      }
    }
  }
  return out;
}

const Entry* find_entry(const std::vector<Entry>& entries, std::string_view key) {
  const auto found = std::find_if(entries.begin(), entries.end(), [&](const Entry& entry) { return entry.key == key; });
  return found == entries.end() ? nullptr : &*found;
}

void decode_chain(const Entry* entry, Secret& out) {
  if (entry == nullptr) return;
  const std::optional<std::string> pem = entry->plain ? std::string(entry->value) : decode_base64(entry->value);
  if (!pem) {
    out.chain_error = "not base64";
    return;
  }
  Result<std::vector<Certificate>> chain = parse_certificates(*pem);
  if (chain) {
    out.chain = std::move(*chain);
  } else {
    out.chain_error = chain.error().message;
  }
}

// What redaction found out about the key while it still had it. Without its word only presence is known.
KeyState decode_key_state(const Value& document, const Entry* key) {
  const auto word = document["gwdoctorKey"].string();
  if (word == "absent") return KeyState::absent;
  if (word == "empty") return KeyState::empty;
  if (word == "matches") return KeyState::matches;
  if (word == "differs") return KeyState::differs;
  if (word == "unparsable") return KeyState::unparsable;
  if (key == nullptr) return word ? KeyState::unknown : KeyState::absent;
  return !word && key->empty() ? KeyState::empty : KeyState::unknown;
}

}  // namespace

template <>
Secret decode<Secret>(const Value& document, Kind kind) {
  Secret out;
  out.meta = decode_meta(document, kind);
  out.type = filled_text(document["type"], "Opaque");
  const std::vector<Entry> entries = decode_entries(document);
  for (const Entry& entry : entries) {
    out.keys.emplace_back(entry.key);
    if (entry.empty()) out.empty_keys.emplace_back(entry.key);
  }
  decode_chain(find_entry(entries, "tls.crt"), out);
  out.key = decode_key_state(document, find_entry(entries, "tls.key"));
  return out;
}

}  // namespace gwdoctor
