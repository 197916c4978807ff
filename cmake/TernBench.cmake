# TernBench.cmake - bench/: one program a file, <build>/bin/tern-bench-NAME ("_" becoming "-").
#
#   bench/NAME_bench.c        linked with the other bench/*.c
#   bench/lwip_NAME_bench.c   the same, and with the other bench/lwip_*.c and Debian's lwIP; these
#                             programs are left out where lwIP is not found

file(GLOB TERN_BENCH_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.c)
set(TERN_BENCH_PROGRAMS ${TERN_BENCH_SOURCES})
list(FILTER TERN_BENCH_PROGRAMS INCLUDE REGEX "_bench\\.c$")
list(FILTER TERN_BENCH_SOURCES EXCLUDE REGEX "_bench\\.c$")
set(TERN_BENCH_LWIP ${TERN_BENCH_SOURCES})
list(FILTER TERN_BENCH_LWIP INCLUDE REGEX "/lwip_[^/]*$")
list(FILTER TERN_BENCH_SOURCES EXCLUDE REGEX "/lwip_[^/]*$")

find_path(LWIP_INCLUDE_DIR lwipopts.h PATH_SUFFIXES lwip)
find_library(LWIP_LIBRARY lwip)
mark_as_advanced(LWIP_INCLUDE_DIR LWIP_LIBRARY)
if(NOT LWIP_INCLUDE_DIR OR NOT LWIP_LIBRARY)
    message(STATUS "lwIP was not found: tern bench has no column for it (Debian: liblwip-dev)")
    list(FILTER TERN_BENCH_PROGRAMS EXCLUDE REGEX "/lwip_[^/]*$")
endif()

foreach(source IN LISTS TERN_BENCH_PROGRAMS)
    cmake_path(GET source STEM name)
    string(REGEX REPLACE "_bench$" "" name ${name})
    string(REPLACE "_" "-" name ${name})
    set(program tern-bench-${name})
    add_executable(${program} ${source} ${TERN_BENCH_SOURCES})
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    # libtern as it is installed comes first; tern_core has what the bench uses from inside.
    target_link_libraries(${program} PRIVATE
        tern_static tern_sim tern_host tern_core tern_compile)
    set_target_properties(${program} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
    if(source MATCHES "/lwip_[^/]*$")
        target_sources(${program} PRIVATE ${TERN_BENCH_LWIP})
        target_include_directories(${program} SYSTEM PRIVATE ${LWIP_INCLUDE_DIR})
        target_link_libraries(${program} PRIVATE ${LWIP_LIBRARY})
    endif()
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/tern)
endforeach()
