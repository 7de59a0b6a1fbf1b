# generated/version.h: the version of the project, and the commit where the sources are a git checkout. A source archive builds the same
# bytes with or without git: its commit is "" unless the packager names one with -DGWDOCTOR_COMMIT=.
set(GWDOCTOR_COMMIT "" CACHE STRING "What `git describe` would say, for builds from an archive")
set(commit "${GWDOCTOR_COMMIT}")

# Not the repository of somebody who unpacked the archive inside theirs.
if(NOT commit AND EXISTS ${PROJECT_SOURCE_DIR}/.git)
  find_package(Git QUIET)
  if(Git_FOUND)
    execute_process(
      COMMAND ${GIT_EXECUTABLE} describe --always --tags --dirty --abbrev=12
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE commit OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    # The log of HEAD grows with every commit and checkout; in a fresh checkout of a CI job it may not exist.
    execute_process(
      COMMAND ${GIT_EXECUTABLE} rev-parse --git-path logs/HEAD
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE head_log OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    cmake_path(ABSOLUTE_PATH head_log BASE_DIRECTORY ${PROJECT_SOURCE_DIR})
    if(EXISTS ${head_log})
      set_property(DIRECTORY ${PROJECT_SOURCE_DIR} APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${head_log})
    endif()
  endif()
endif()

file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/version.h @ONLY CONTENT [[
#pragma once
// Written by CMake from project(VERSION) and git describe; GWDOCTOR_COMMIT is "" outside a git checkout.

#define GWDOCTOR_VERSION "@PROJECT_VERSION@"
#define GWDOCTOR_COMMIT "@commit@"
]])
