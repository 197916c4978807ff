# TernFuzz.cmake - fuzz/: one program a fuzz/NAME_fuzz.c, which has LLVMFuzzerTestOneInput().
#
# With TERN_LIBFUZZER (preset fuzz) libFuzzer drives it, guided by coverage. In every other build
# fuzz/driver.c does: the corpus, then a bounded number of seeded mutations of it; and the test
# fuzz_guided makes a build with TERN_LIBFUZZER of its own. Every test here is bounded.
# <build>/bin/fuzz-NAME FILE... replays what was found.

file(GLOB TERN_FUZZ_SHARED CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/fuzz/*.c)
set(TERN_FUZZ_SOURCES ${TERN_FUZZ_SHARED})
list(FILTER TERN_FUZZ_SOURCES INCLUDE REGEX "_fuzz\\.c$")
list(FILTER TERN_FUZZ_SHARED EXCLUDE REGEX "_fuzz\\.c$")
if(TERN_LIBFUZZER)
    list(FILTER TERN_FUZZ_SHARED EXCLUDE REGEX "/driver\\.c$")
endif()
set(TERN_FUZZ_RUNS 200000)
set(TERN_FUZZ_SECONDS 20) # of one program, whichever bound is met first
add_custom_target(tern_fuzzers)

foreach(source IN LISTS TERN_FUZZ_SOURCES)
    cmake_path(GET source STEM stem)
    string(REGEX REPLACE "_fuzz$" "" name ${stem})
    set(program fuzz-${name})
    set(corpus ${PROJECT_SOURCE_DIR}/fuzz/corpus/${name})

    add_executable(${program} ${source} ${TERN_FUZZ_SHARED})
    target_include_directories(${program} PRIVATE ${PROJECT_SOURCE_DIR}/src)
    target_link_libraries(${program} PRIVATE tern_verbs tern_sim tern_host tern_core tern_compile)
    set_target_properties(${program} PROPERTIES
        RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
    if(TERN_LIBFUZZER)
        target_link_options(${program} PRIVATE -fsanitize=fuzzer)
        # What libFuzzer finds goes into the first folder; the corpus is only read.
        set(found ${PROJECT_BINARY_DIR}/fuzz/${name})
        file(MAKE_DIRECTORY ${found} ${corpus})
        set(arguments -runs=${TERN_FUZZ_RUNS} -max_total_time=${TERN_FUZZ_SECONDS} -seed=1
            -print_final_stats=1 -artifact_prefix=${PROJECT_BINARY_DIR}/fuzz/ ${found} ${corpus})
    else()
        set(arguments --runs=${TERN_FUZZ_RUNS} --seconds=${TERN_FUZZ_SECONDS} --seed=1 ${corpus})
    endif()
    add_dependencies(tern_fuzzers ${program})
    add_test(NAME fuzz.${name} COMMAND ${program} ${arguments})
    set_tests_properties(fuzz.${name} PROPERTIES LABELS fuzz TIMEOUT 300 COST 30)
endforeach()

if(TERN_FUZZ_SOURCES AND NOT TERN_LIBFUZZER)
    add_test(NAME fuzz_guided COMMAND sh ${PROJECT_SOURCE_DIR}/fuzz/libfuzzer.sh
        ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/libfuzzer)
    set_tests_properties(fuzz_guided PROPERTIES LABELS fuzz TIMEOUT 900 COST 90)
endif()
