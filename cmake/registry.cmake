# generated/checks/registry.cc: every checks/CODE/check.cc in one list, and every doc.md as text. A registry that is written here, not
# assembled by static constructors, because a static library drops objects that nobody names.
file(GLOB check_sources CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} checks/*/check.cc)
file(GLOB check_pages CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} checks/*/doc.md)
list(SORT check_sources)
list(SORT check_pages)

set(declarations "")
set(entries "")
foreach(source IN LISTS check_sources)
  string(REGEX REPLACE "^checks/(.*)/check\\.cc$" "\\1" code ${source})
  if(NOT code MATCHES "^[a-z][a-z0-9]*(-[a-z0-9]+)+$")
    message(FATAL_ERROR "checks/${code}: a code is lower-case words joined by dashes")
  endif()
  string(REPLACE "-" "_" symbol ${code})
  string(APPEND declarations "extern const Check ${symbol};\n")
  string(APPEND entries "    &${symbol},\n")
endforeach()
list(LENGTH check_sources check_count)

set(pages "")
set(page_count 0)
string(REPEAT "[0-9a-f]" 60 line_of_digits)
foreach(page IN LISTS check_pages)
  string(REGEX REPLACE "^checks/(.*)/doc\\.md$" "\\1" code ${page})
  set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${page})
  # Every byte as an escape: no text can end the literal, and each backslash ends the escape before it.
  file(READ ${PROJECT_SOURCE_DIR}/${page} bytes HEX)
  string(LENGTH "${bytes}" digits)
  if(digits EQUAL 0)
    continue()
  endif()
  math(EXPR length "${digits} / 2")
  math(EXPR page_count "${page_count} + 1")
  string(REGEX REPLACE "(${line_of_digits})" "\\1\n" bytes "${bytes}")
  string(REGEX REPLACE "([0-9a-f][0-9a-f])" "\\\\x\\1" bytes "${bytes}")
  string(REPLACE "\n" "\"\n      \"" bytes "${bytes}")
  string(APPEND pages "    {\"${code}\", std::string_view(\n      \"${bytes}\", ${length})},\n")
endforeach()

set(GWDOCTOR_REGISTRY ${PROJECT_BINARY_DIR}/generated/checks/registry.cc)
file(CONFIGURE OUTPUT ${GWDOCTOR_REGISTRY} @ONLY CONTENT [[
// Written by CMake from the folders of checks/.
#include <array>
#include <span>
#include <string_view>

#include "checks/check.h"

namespace gwdoctor {

@declarations@
namespace {

constexpr std::array<const Check*, @check_count@> checks{{
@entries@}};

struct Page {
  std::string_view code;
  std::string_view text;
};
constexpr std::array<Page, @page_count@> pages{{
@pages@}};

}  // namespace

std::span<const Check* const> all_checks() { return checks; }

std::string_view check_page(std::string_view code) {
  for (const Page& page : pages) {
    if (page.code == code) return page.text;
  }
  return {};
}

}  // namespace gwdoctor
]])
