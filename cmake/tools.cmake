# ccache and mold where they are there and work, and the flags that harden the program.
include(CheckLinkerFlag)

if(GWDOCTOR_FAST_TOOLS)
  find_program(GWDOCTOR_CCACHE ccache)
  if(GWDOCTOR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${GWDOCTOR_CCACHE})
  endif()
  # An old compiler knows no -fuse-ld=mold though mold is installed: only a link that worked tells.
  check_linker_flag(CXX -fuse-ld=mold GWDOCTOR_MOLD_WORKS)
  if(GWDOCTOR_MOLD_WORKS)
    add_link_options(-fuse-ld=mold)
  endif()
endif()

# The same sources make the same bytes wherever the checkout lies.
add_compile_options(-ffile-prefix-map=${PROJECT_SOURCE_DIR}/=)

if(LINUX)
  # Libraries that a program does not call do not load: curl and OpenSSL alone bring dozens.
  add_link_options(-Wl,--as-needed)
endif()

function(gwdoctor_harden target)
  # Sanitizers bring checks of their own, and _FORTIFY_SOURCE hides the functions which they intercept.
  if(NOT GWDOCTOR_HARDEN OR CMAKE_CXX_FLAGS MATCHES "-fsanitize=")
    return()
  endif()
  target_compile_options(${target} INTERFACE -fstack-protector-strong)
  target_compile_definitions(${target} INTERFACE _GLIBCXX_ASSERTIONS)
  # Some distributions predefine another level; without optimization the macro only warns.
  target_compile_options(${target} INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE> $<$<NOT:$<CONFIG:Debug>>:-D_FORTIFY_SOURCE=2>)
  if(LINUX)
    target_link_options(${target} INTERFACE $<$<STREQUAL:$<TARGET_PROPERTY:TYPE>,EXECUTABLE>:-pie> -Wl,-z,relro,-z,now)
  endif()
endfunction()
