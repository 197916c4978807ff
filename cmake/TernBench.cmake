# TernBench.cmake - bench/: one program a file.
#
#   bench/NAME_bench.c   <build>/bin/tern-bench-NAME
#   bench/lwip_*.c       linked with Debian's lwIP; left out, with its programs, where it is not
#   other bench/*.c      linked into every program

file(GLOB TERN_BENCH_SOURCES CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/bench/*.c)
set(TERN_BENCH_LWIP ${TERN_BENCH_SOURCES})
list(FILTER TERN_BENCH_LWIP INCLUDE REGEX "/lwip_[^/]*\\.c$")
list(FILTER TERN_BENCH_SOURCES EXCLUDE REGEX "/lwip_[^/]*\\.c$")
set(TERN_BENCH_SHARED ${TERN_BENCH_SOURCES})
list(FILTER TERN_BENCH_SHARED EXCLUDE REGEX "_bench\\.c$")

find_library(LWIP_LIBRARY lwip)
find_path(LWIP_INCLUDE_DIR lwip/tcp.h PATH_SUFFIXES lwip)

function(tern_bench source)
    cmake_path(GET source STEM stem)
    string(REGEX REPLACE "_bench$" "" name ${stem})
    string(REPLACE "_" "-" name ${name})
    add_executable(tern-bench-${name} ${source} ${TERN_BENCH_SHARED})
    target_include_directories(tern-bench-${name} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(tern-bench-${name} PRIVATE tern_sim tern_host tern_compile)
    set_target_properties(tern-bench-${name} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
endfunction()

foreach(source IN LISTS TERN_BENCH_SOURCES)
    if(source MATCHES "_bench\\.c$")
        tern_bench(${source})
    endif()
endforeach()
